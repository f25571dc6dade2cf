package ui

import (
	"strconv"

	"nstui/procscan/ns"
)

// tab is what the first list is a list of: namespaces of all kinds or of one, or groups of processes.
type tab uint8

// The tabs, in the order of their keys. Those of the kinds are between the first and the sets.
const (
	ofAll  tab = 0
	ofSets tab = ns.NumKinds + iota
	ofContainers
	numTabs
)

// tabOf returns the tab of a kind; nil is all kinds.
func tabOf(kind *ns.Kind) tab {
	if kind == nil {
		return ofAll
	}
	return tab(*kind) + 1
}

// kind returns the kind of namespaces in the tab, false if there is not one alone.
func (t tab) kind() (ns.Kind, bool) {
	if t == ofAll || t.grouped() {
		return 0, false
	}
	return ns.Kind(t - 1), true
}

// grouped reports whether the rows are groups of processes instead of namespaces.
func (t tab) grouped() bool { return t >= ofSets }

// String returns the name of the tab.
func (t tab) String() string {
	switch kind, ok := t.kind(); {
	case ok:
		return kind.String()
	case t == ofSets:
		return "sets"
	case t == ofContainers:
		return "containers"
	}
	return "all"
}

// key returns what chooses the tab.
func (t tab) key() string {
	if t == ofContainers {
		return "c"
	}
	return strconv.Itoa(int(t))
}

// count returns how many rows a tab has with nothing hidden.
func (w *world) count(t tab) int {
	switch kind, ok := t.kind(); {
	case ok:
		return len(w.snap.Namespaces[kind])
	case t == ofSets:
		return w.numSets
	case t == ofContainers:
		return w.numBoxes
	}
	return w.snap.Count()
}
