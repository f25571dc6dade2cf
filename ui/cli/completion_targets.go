package cli

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// targetWords returns the targets that begin as typed, with descriptions. No daemon is asked: whoever presses a
// key waits for the answer.
func (a *app) targetWords(ctx context.Context, typed string) []string {
	at, err := a.newResolution(ctx).look(procscan.Texts)
	if err != nil {
		return nil
	}
	form := ""
	for _, prefix := range prefixes() {
		if strings.HasPrefix(typed, prefix) {
			form = prefix
		}
	}
	var words []string
	add := func(word, id, description string) {
		if !typable(word) {
			description, word = strings.TrimSpace(text.Line(word, maxDescription, "…")+" "+description), id
		}
		if word != "" && strings.HasPrefix(word, typed) {
			words = append(words, described(word, text.Line(description, maxDescription, "…")))
		}
	}
	switch form {
	case container.ContainerPrefix:
		at.offerContainers(typed, form, add)
	case container.PodPrefix, container.PodAlias:
		at.offerPods(form, add)
	case container.ComposePrefix, container.K8sPrefix:
		at.offerGroups(add)
	case container.UnitPrefix:
		at.offerUnits(add)
	case container.NetnsPrefix:
		offerNetns(add)
	case sought.NumberPrefix:
	default:
		at.offerContainers(typed, "", add)
		at.offerPods("", add)
		at.offerGroups(add)
		offerNetns(add)
		if typed != "" { // there are too many
			at.offerUnits(add)
			at.offerProcesses(add)
		}
	}
	slices.Sort(words)
	return slices.CompactFunc(words, func(a, b string) bool {
		a, _, _ = strings.Cut(a, "\t")
		b, _, _ = strings.Cut(b, "\t")
		return a == b
	})
}

// maxDescription is how many cells a description takes at most.
const maxDescription = 60

// typable reports whether a name can be given to a shell: no shell takes a part of it for something else, also
// within quotes that are open, where a shell does not escape what is completed. Whoever runs a process chooses what
// it is called, so a name may not have a $( in it that root's shell runs. Nor does nstui take it for something else.
func typable(name string) bool {
	return typableName.MatchString(name) && !isNumber(name) && !strings.HasPrefix(name, "_activeHelp_")
}

var typableName = regexp.MustCompile(`^[A-Za-z0-9_./@:][A-Za-z0-9_./@:,+-]*$`)

// offer takes a word, another one if that cannot be typed, and what it stands for.
type offer func(word, id, description string)

// offerContainers offers containers by their names, those of the same name by what tells them apart; and by the name
// too, where that means one of them all the same.
func (at *place) offerContainers(typed, form string, add offer) {
	names := make(map[string]int)
	looked := make(map[string]bool)
	rows := at.Names.Containers()
	for _, row := range rows {
		names[row.Owner.Name]++
	}
	for _, row := range rows {
		o := row.Owner
		id := o.ID[:min(len(o.ID), 12)]
		if len(id) < 4 || !typable(id) {
			id = ""
		}
		word := o.Name
		switch {
		case o.Infra:
			continue
		case word == "":
			word = id
		case names[word] > 1:
			if short := form + word; !looked[short] && len(looked) < maxLooked && strings.HasPrefix(short, typed) {
				looked[short] = true
				at.offerOne(short, add)
			}
			word = o.Full()
		}
		if word != "" {
			add(form+word, idForm(form, id, row.Leader.PID), containerWords(o, row.Leader.PID))
		}
	}
}

// maxLooked is of how many names that several have it is found out what they mean: each costs a look at all.
const maxLooked = 64

// offerOne offers a word that means one container.
func (at *place) offerOne(word string, add offer) {
	found := at.Find(word)
	if len(found) == 1 && found[0].Owner.Container() && found[0].Process != nil {
		add(word, "", containerWords(found[0].Owner, found[0].Process.PID))
	}
}

// offerGroups offers projects of compose and namespaces of Kubernetes.
func (at *place) offerGroups(add offer) {
	for _, name := range at.Projects() {
		add(container.ComposePrefix+name, "", "project of compose")
	}
	for _, name := range at.PodNamespaces() {
		add(container.K8sPrefix+name, "", "namespace of Kubernetes")
	}
}

// idForm returns what to type for a container whose name cannot be typed, empty if there is nothing in this form.
func idForm(form, id string, pid int) string {
	switch {
	case id != "":
		return form + id
	case form == "":
		return strconv.Itoa(pid)
	}
	return ""
}

// containerWords says what a container is.
func containerWords(o *container.Owner, pid int) string {
	words := []string{cmp.Or(string(o.Runtime), "container")}
	if o.Pod != nil && o.Pod.Name != "" {
		words = append(words, "in "+o.Pod.String())
	}
	if o.Image != "" {
		words = append(words, o.Image)
	}
	return strings.Join(append(words, fmt.Sprintf("pid %d", pid)), ", ")
}

// offerPods offers pods with and without the namespace of Kubernetes.
func (at *place) offerPods(form string, add offer) {
	for _, row := range at.Names.Containers() {
		o := row.Owner
		if o.Pod == nil || o.Pod.Name == "" {
			continue
		}
		what := "pod, " + cmp.Or(string(o.Runtime), "container")
		add(form+o.Pod.String(), "", what)
		add(form+o.Pod.Name, "", what)
		if o.Name != "" && !o.Infra && form != "" {
			add(form+o.Pod.String()+"/"+o.Name, "", containerWords(o, row.Leader.PID))
		}
	}
}

func (at *place) offerUnits(add offer) {
	for _, row := range at.Names.Units() {
		add(container.UnitPrefix+row.Owner.Name, "", fmt.Sprintf("unit, pid %d %s", row.Leader.PID, row.Leader.Comm))
	}
}

// offerProcesses offers the names of processes that are in a namespace that is not ours.
func (at *place) offerProcesses(add offer) {
	for _, p := range at.Procs {
		if !p.Kernel && !p.Zombie() && p.ID() != at.Self && p.NS.Differs(&at.Mine) != 0 {
			add(p.Comm, "", fmt.Sprintf("process, pid %d", p.PID))
		}
	}
}

// offerNetns offers the network namespaces that ip-netns(8) gave a name.
func offerNetns(add offer) {
	for _, name := range netnsNames() {
		add(container.NetnsPrefix+name, "", "network namespace")
	}
}
