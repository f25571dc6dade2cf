package sought

import (
	"cmp"
	"slices"
	"strings"

	"nstui/procscan/container"
)

// Near returns what is called almost as the word says, the nearest first: at most five names, which are as hostile as
// any. They are such as the prefix of the word asks for.
func (at *Place) Near(word string) []string {
	var names []string
	prefix, name := container.Split(word)
	if runtime, rest, ok := strings.Cut(name, ":"); ok && (prefix == "" || prefix == container.ContainerPrefix) {
		if names := at.namesOf(container.Runtime(runtime)); len(names) > 0 {
			near := Near(rest, names)
			for i := range near {
				near[i] = runtime + ":" + near[i]
			}
			return near
		}
	}
	switch prefix {
	case container.UnitPrefix:
		names = at.unitNames()
	case container.ComposePrefix:
		names = at.Projects()
	case container.K8sPrefix:
		names = at.PodNamespaces()
	case "":
		names = slices.Concat(at.containerNames(), at.processNames(), at.unitNames(), at.Projects(), at.PodNamespaces())
	default:
		names = at.containerNames()
	}
	return Near(name, names)
}

// Others says what else has the name in a word that means nothing: a network namespace, a project of compose, a
// namespace of Kubernetes, each with the word that means it. netns are the names ip-netns(8) gave.
func (at *Place) Others(word string, netns []string) []string {
	name := word[strings.LastIndexAny(word, ":/")+1:]
	var said []string
	add := func(what, prefix string, names []string) {
		if slices.Contains(names, name) && prefix+name != word {
			said = append(said, what+" is called so: "+prefix+name)
		}
	}
	add("a network namespace", container.NetnsPrefix, netns)
	add("a project of compose", container.ComposePrefix, at.Projects())
	add("a namespace of Kubernetes", container.K8sPrefix, at.PodNamespaces())
	return said
}

// containerNames returns the names containers and pods can be found by.
func (at *Place) containerNames() []string {
	var names []string
	for _, row := range at.Names.Containers() {
		o := row.Owner
		if o.Pod != nil && o.Pod.Name != "" {
			names = append(names, o.Pod.String())
		}
		if o.Name != "" && !o.Infra {
			names = append(names, o.Name)
		}
		if o.Service != "" {
			names = append(names, o.Service)
		}
	}
	return names
}

// namesOf returns the names of containers that lists show behind the name of their runtime.
func (at *Place) namesOf(runtime container.Runtime) []string {
	return at.each(func(o *container.Owner) string {
		if o.Runtime != runtime || o.Pod != nil && o.Pod.Name != "" {
			return ""
		}
		return o.Name
	})
}

// Projects returns the projects of compose that containers are of, sorted.
func (at *Place) Projects() []string {
	return at.each(func(o *container.Owner) string { return o.Project })
}

// PodNamespaces returns the namespaces of Kubernetes that pods are in, sorted.
func (at *Place) PodNamespaces() []string {
	return at.each(func(o *container.Owner) string {
		if o.Pod == nil || o.Pod.Name == "" {
			return ""
		}
		return o.Pod.Namespace
	})
}

// each returns what containers have for a name, each once and sorted.
func (at *Place) each(of func(*container.Owner) string) []string {
	var names []string
	for _, row := range at.Names.Containers() {
		if name := of(row.Owner); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// unitNames returns the names of units that have processes.
func (at *Place) unitNames() []string {
	var names []string
	for _, row := range at.Names.Units() {
		names = append(names, row.Owner.Name)
	}
	return names
}

// processNames returns the names of processes a target may be called by.
func (at *Place) processNames() []string {
	var names []string
	for _, p := range at.Procs {
		if !p.Kernel && !p.Zombie() && p.ID() != at.Self {
			names = append(names, p.Comm)
		}
	}
	return names
}

// maxNear is how many names are told that are almost the one that was typed.
const maxNear = 5

// Near returns the names that are almost the one typed, the nearest first: a few letters are others, or one is
// a part of the other. What stands before the last slash of a name and behind its last dot may be missing.
func Near(typed string, names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	typed = strings.ToLower(bare(typed))
	type distant struct {
		name string
		far  int
	}
	var list []distant
	for _, name := range names {
		if far, ok := nearest(typed, strings.ToLower(bare(name))); ok {
			list = append(list, distant{name, far})
		}
	}
	slices.SortStableFunc(list, func(a, b distant) int { return cmp.Compare(a.far, b.far) })
	var found []string
	for _, d := range list[:min(len(list), maxNear)] {
		found = append(found, d.name)
	}
	return found
}

// bare returns the part of a name people remember, no longer than names of processes and pods are.
func bare(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.TrimSuffix(name, ".service")
	return name[:min(len(name), maxName)]
}

// maxName bounds what is compared of a name: to compare costs the square of it.
const maxName = 64

// nearest returns the distance to a name, or to what it has before one of its dashes: what makes pods puts that
// before what tells them apart.
func nearest(typed, name string) (far int, ok bool) {
	distances := edits(typed, name)
	for i := 1; i <= len(name); i++ {
		if i < len(name) && name[i] != '-' {
			continue
		}
		if f := distances[i]; (!ok || f < far) && taken(typed, name[:i], f) {
			far, ok = f, true
		}
	}
	return far, ok
}

// taken reports whether somebody would take what was typed for a name that is so far from it.
func taken(typed, name string, far int) bool {
	const part = 3 // letters that may stand for a longer name
	if typed == "" {
		return false
	}
	if far <= max(1, len(typed)/3) {
		return far < len(typed)
	}
	shorter, longer := typed, name
	if len(shorter) > len(longer) {
		shorter, longer = longer, shorter
	}
	return len(shorter) >= part && strings.Contains(longer, shorter)
}

// edits returns how many bytes have to be put in, taken out, replaced or changed places with their neighbours to
// make one text of what begins another, by how long that is: the distances of Damerau and Levenshtein, with no
// byte moved twice.
func edits(a, b string) []int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range len(b) {
			replaced := above[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, row[j]+1, above[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row
}
