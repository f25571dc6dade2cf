package ui

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// tellingMost is the order in which keepers are told: what somebody has done on purpose says most.
var tellingMost = [procscan.NumHolders]int{
	procscan.ByMount: 1, procscan.ByFile: 2, procscan.BySocket: 3, procscan.ByThread: 4,
	procscan.ByNext: 5, procscan.ByChild: 6, procscan.ByOwned: 7,
}

// tells returns how much a keeper says of why a namespace is alive: the lower, the more. Of mounts, which
// may be in many mount namespaces, ours come first.
func tells(snap *procscan.Snapshot, k procscan.Keeper) int {
	if mountedHere(snap, k) {
		return 0
	}
	return tellingMost[k.By]
}

// mountedHere reports whether a keeper is a mount that we see, too.
func mountedHere(snap *procscan.Snapshot, k procscan.Keeper) bool {
	return k.By == procscan.ByMount && k.Where.Ino == snap.Mine[ns.Mnt]
}

// keepersOf returns what keeps a namespace alive, what says most first. One mount over another at the
// same place, as ip-netns(8) makes them, is told once.
func (w *world) keepersOf(s *space) []procscan.Keeper {
	if len(s.Keepers) < 2 {
		return s.Keepers
	}
	told := make(map[procscan.Keeper]bool, len(s.Keepers))
	keepers := slices.DeleteFunc(slices.Clone(s.Keepers), func(k procscan.Keeper) bool {
		again := told[k]
		told[k] = true
		return again
	})
	sortKeepers(w.snap, keepers)
	return keepers
}

// sortKeepers puts those first that say most.
func sortKeepers(snap *procscan.Snapshot, keepers []procscan.Keeper) {
	slices.SortStableFunc(keepers, func(a, b procscan.Keeper) int { return cmp.Compare(tells(snap, a), tells(snap, b)) })
}

// firstKeeper returns the keeper that says most of why a namespace is alive.
func (w *world) firstKeeper(s *space) (most procscan.Keeper, ok bool) {
	for _, k := range s.Keepers {
		if !ok || tells(w.snap, k) < tells(w.snap, most) {
			most, ok = k, true
		}
	}
	return most, ok
}

// nameID names a process by its pid, and by its name while it lives.
func (w *world) nameID(id procscan.ProcID) string {
	pid := strconv.Itoa(id.PID)
	if p := w.byPID(id.PID); p != nil && p.ID() == id {
		return pid + " " + nameOf(p.Process)
	}
	return pid
}

// keeperLabels say in ever fewer words what keeps a namespace alive, for a column of the list.
func (w *world) keeperLabels(k procscan.Keeper) []string {
	pid, who, number := strconv.Itoa(k.Proc.PID), w.nameID(k.Proc), strconv.Itoa(k.Number)
	switch k.By {
	case procscan.ByMount:
		base := path.Base(k.Path)
		return []string{"bind: " + k.Path, "bind: …/" + base, "…/" + base, base}
	case procscan.ByFile:
		return []string{"fd " + number + " of " + who, "fd " + number + " of " + pid, "fd of " + pid, "fd"}
	case procscan.BySocket:
		return []string{"socket of " + who, "socket of " + pid, "socket"}
	case procscan.ByThread:
		return []string{"thread " + number + " of " + who, "thread " + number, "thread"}
	case procscan.ByNext:
		return []string{"next child of " + who, "next child of " + pid, "child of " + pid}
	case procscan.ByChild:
		return []string{fmt.Sprintf("child %d", k.Where.Ino), "child"}
	case procscan.ByOwned:
		return []string{fmt.Sprintf("owns %s %d", k.Where.Kind, k.Where.Ino), fmt.Sprintf("owns %d", k.Where.Ino), "owns " + k.Where.Kind.String()}
	}
	return []string{"?"}
}

// keptBy says what keeps a namespace without processes alive in at most that many cells, if the words
// for it can be that few.
func (w *world) keptBy(s *space, width int) string {
	k, ok := w.firstKeeper(s)
	if !ok {
		return ""
	}
	shown := ""
	for _, label := range w.keeperLabels(k) {
		if shown = "(" + text.Line(label, width, "…") + ")"; text.Width(text.Clean(label))+2 <= width {
			break
		}
	}
	return shown
}

// keeperWords say what keeps a namespace alive.
func (w *world) keeperWords(k procscan.Keeper) string {
	who := w.nameID(k.Proc)
	switch k.By {
	case procscan.ByMount:
		words := "mount " + k.Path
		switch {
		case mountedHere(w.snap, k):
			return words
		case k.Where.Ino == 0:
			words += " in another mnt"
		default:
			words += fmt.Sprintf(" in mnt %d", k.Where.Ino)
		}
		if k.Proc.PID != 0 {
			words += " of " + who
		}
		return words
	case procscan.ByFile:
		return fmt.Sprintf("fd %d of %s", k.Number, who)
	case procscan.BySocket:
		return fmt.Sprintf("socket %d of %s", k.Number, who)
	case procscan.ByThread:
		return fmt.Sprintf("thread %d of %s", k.Number, who)
	case procscan.ByNext:
		return "the next child of " + who + " will be in it"
	case procscan.ByChild:
		return fmt.Sprintf("%s %d below it", k.Where.Kind, k.Where.Ino)
	case procscan.ByOwned:
		return fmt.Sprintf("%s %d belongs to it", k.Where.Kind, k.Where.Ino)
	}
	return "?"
}

// mountsNamed is how many mounts of a namespace are named that only others see: what ip-netns(8) has named
// is often mounted in every mount namespace of a host.
const mountsNamed = 3

// keeperLines say what keeps a namespace alive, what says most first.
func (w *world) keeperLines(s *space) (lines []string) {
	elsewhere := 0
	for _, k := range w.keepersOf(s) {
		if k.By == procscan.ByMount && !mountedHere(w.snap, k) {
			if elsewhere++; elsewhere > mountsNamed {
				continue
			}
		}
		lines = append(lines, w.keeperWords(k))
	}
	if more := elsewhere - mountsNamed; more > 0 {
		lines = append(lines, fmt.Sprintf("%d more %s in other mount namespaces", more, plural(more, "mount", "mounts")))
	}
	return lines
}

// whyEmpty says in the list of processes why a namespace lives that none is in.
func (m *Model) whyEmpty(s *space, inner layout.Rect) []string {
	width := inner.W - 3
	var ls []line
	say := func(role theme.Role, indent, words string) {
		for _, part := range text.Wrap(text.Clean(words), max(8, width-len(indent))) {
			ls = append(ls, line{{theme.Plain, " " + indent}, {role, part}})
		}
	}
	say(theme.Strong, "", "no process is in it")
	keepers := m.world.keeperLines(s)
	switch {
	case len(keepers) > 0:
		say(theme.Faint, "", "what keeps it:")
	case m.world.snap.Read&procscan.Deep != procscan.Deep:
		say(theme.Faint, "", "what keeps it is being looked for; r looks at once")
	default:
		say(theme.Faint, "", "nothing was found that keeps it: it is hidden from you, or about to end")
	}
	shown := min(len(keepers), max(1, inner.H/3)) // room for the way into it
	for _, words := range keepers[:shown] {
		say(theme.Plain, "  ", words)
	}
	if more := len(keepers) - shown; more > 0 {
		say(theme.Faint, "  ", fmt.Sprintf("and %s more", thousands(more)))
	}
	if ref, err := m.wayInto(s); err == nil {
		ls = append(ls, nil)
		key := "s"
		if s.ID.Kind == ns.Net {
			key = "n"
		}
		say(theme.Accent, "", key+" enters it by "+ref.Sources[s.ID.Kind].String())
	}
	return m.paint.lines(ls, inner.W, min(len(ls), max(0, inner.H-1)))
}

// noWayError says why a namespace without processes cannot be entered.
type noWayError struct{ why string }

func (e *noWayError) Error() string { return e.why }

// wayInto is WayInto for a namespace of the list, or says why there is no way.
func (m *Model) wayInto(s *space) (nsenter.Ref, error) {
	ref, ok := WayInto(m.world.snap, s.Namespace)
	if ok {
		return ref, nil
	}
	keepers := m.world.keepersOf(s)
	if len(keepers) == 0 {
		return ref, &noWayError{"no process is in it, and what keeps it is not known"}
	}
	return ref, &noWayError{"no process is in it, and no file holds it: only " + m.world.keeperWords(keepers[0])}
}

// entryInto returns an entry into a namespace without processes.
func (m *Model) entryInto(s *space, kinds ns.Set) entry {
	ref, _ := m.wayInto(s) // who asks for it has been told whether there is one
	return entry{
		ref: ref, name: fmt.Sprintf("%s %d", s.ID.Kind, s.ID.Ino),
		request: nsenter.Request{Kinds: kinds, Shell: m.config.Shell, Tools: m.config.tools()},
	}
}

// keptText is what a filter looks in of a namespace without processes.
func (w *world) keptText(s *space) string {
	var b strings.Builder
	for _, k := range s.Keepers {
		b.WriteString(w.keeperWords(k) + "\n")
	}
	return strings.ToLower(b.String())
}
