package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/ns"
)

// scope is where an action is to be had.
type scope uint8

// The scopes. What is in inAny is to be had in all but a shell, unless a surface takes the key.
const (
	inAny scope = iota
	inBrowser
	inMenu
	inPage
	inConfirm
	inTimeline
	inPicker
	inShell
	inEnded // a shell that has ended, or did not start
	inScroll
	numScopes
)

// String returns the heading of a scope in help and README.
func (s scope) String() string {
	return [numScopes]string{"Everywhere", "Browser", "Menus", "Pages", "Questions", "Timeline", "Picker", "Shell, after the prefix", "Shell that has ended", "Scrollback"}[s]
}

// action is something a key does.
type action struct {
	id    string
	scope scope
	keys  []string // as tea.Key has them; "y p" is p after y
	label string   // for the footer: a word or two
	help  string   // for help and palette: what it does; "" is said by the action before
	foot  int      // in the footer: 1 first to come, 4 only where there is room; 0 never
	aside bool     // of a shell: also to be had while none is on the screen, or the list beside it has the keyboard
	// why says why the action cannot be had now, "" if it can; nil is always.
	why func(m *Model) string
	run func(m *Model) tea.Cmd
}

// actionFor returns the action of a key in a scope, or the one it has everywhere, or nil.
func (m *Model) actionFor(key string, where scope) *action {
	var anywhere *action
	for i := range m.actions {
		a := &m.actions[i]
		if !slices.Contains(a.keys, key) {
			continue
		}
		switch a.scope {
		case where:
			return a
		case inAny:
			anywhere = a
		}
	}
	return anywhere
}

// action returns the action with the given id; the ids are this package's own.
func (m *Model) action(id string) *action {
	for i := range m.actions {
		if m.actions[i].id == id {
			return &m.actions[i]
		}
	}
	return nil
}

// run runs an action, or says why it cannot be had.
func (m *Model) run(a *action) tea.Cmd {
	if a.why != nil {
		if reason := a.why(m); reason != "" {
			return m.warn(a.label + ": " + reason)
		}
	}
	return a.run(m)
}

// newActions returns the table of all actions, in the order of help and footer.
func newActions() []action {
	var table []action
	for _, group := range [][]action{
		goActions(), enterActions(), viewActions(), copyActions(), kindActions(), programActions(),
		popupActions(), timelineActions(), pickerActions(), shellActions(), endedActions(), scrollActions(),
	} {
		table = append(table, group...)
	}
	return table
}

// goActions are what moves about in the browser.
func goActions() []action {
	move := func(by int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.move(by) }
	}
	page := func(halves int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.movePage(halves) }
	}
	return []action{
		{
			id: "open", scope: inBrowser, keys: []string{"enter", "l", "right"}, label: "open", foot: 1,
			help: "go right: into the namespace, to the details of the process", run: (*Model).goIn,
		},
		{
			id: "back", scope: inBrowser, keys: []string{"esc"}, label: "back",
			help: "clear the filter, else go left", run: (*Model).goBack,
		},
		{id: "left", scope: inBrowser, keys: []string{"h", "left"}, label: "left", help: "go left", run: (*Model).goLeft},
		{id: "down", scope: inBrowser, keys: []string{"j", "down"}, label: "down", help: "next row", run: move(1)},
		{id: "up", scope: inBrowser, keys: []string{"k", "up"}, label: "up", help: "row before", run: move(-1)},
		{id: "half-down", scope: inBrowser, keys: []string{"ctrl+d"}, label: "half down", help: "half a page down", run: page(1)},
		{id: "half-up", scope: inBrowser, keys: []string{"ctrl+u"}, label: "half up", help: "half a page up", run: page(-1)},
		{id: "page-down", scope: inBrowser, keys: []string{"pgdown"}, label: "page down", help: "a page down", run: page(2)},
		{id: "page-up", scope: inBrowser, keys: []string{"pgup"}, label: "page up", help: "a page up", run: page(-2)},
		{id: "top", scope: inBrowser, keys: []string{"g", "home"}, label: "top", help: "first row", run: (*Model).moveHome},
		{id: "bottom", scope: inBrowser, keys: []string{"G", "end"}, label: "bottom", help: "last row", run: (*Model).moveEnd},
		{
			id: "next-pane", scope: inBrowser, keys: []string{"tab"}, label: "next pane", help: "next pane",
			run: func(m *Model) tea.Cmd { return m.cyclePane(1) },
		},
		{
			id: "previous-pane", scope: inBrowser, keys: []string{"shift+tab"}, label: "previous pane", help: "pane before",
			run: func(m *Model) tea.Cmd { return m.cyclePane(-1) },
		},
	}
}

// viewActions are what changes what the browser shows.
func viewActions() []action {
	return []action{
		{
			id: "mark", scope: inBrowser, keys: []string{"space"}, label: "mark", foot: 4, why: needProcessList,
			help: "mark the process, to compare two", run: (*Model).toggleMark,
		},
		{
			id: "compare", scope: inBrowser, keys: []string{"="}, label: "compare", why: needTwoMarks,
			help: "compare the namespaces of two marked processes", run: (*Model).openCompare,
		},
		{
			id: "filter", scope: inBrowser, keys: []string{"/"}, label: "filter", foot: 2,
			help: "show only rows with all the words typed; !word without it", run: (*Model).openFilter,
		},
		{
			id: "sort", scope: inBrowser, keys: []string{"o"}, label: "sort", foot: 3,
			help: "choose what the list is sorted by", run: (*Model).openSort,
		},
		{
			id: "reverse", scope: inBrowser, keys: []string{"O"}, label: "reverse", help: "reverse the order of the list",
			run: (*Model).reverse,
		},
		{
			id: "tree", scope: inBrowser, keys: []string{"t"}, label: "tree",
			help: "namespaces by parent, by owner; containers by pod, project, and in one another; processes by parent; or flat", run: (*Model).nextTree,
		},
		{
			id: "follow", scope: inBrowser, keys: []string{"f"}, label: "follow", foot: 4,
			help: "keep the selected row in view when the order changes; else go to the top", run: (*Model).toggleFollow,
		},
		{
			id: "differing", scope: inBrowser, keys: []string{"x"}, label: "only differing",
			help: "only processes in a namespace that is not yours, or all", run: (*Model).toggleDiffering,
		},
		{
			id: "kernel", scope: inBrowser, keys: []string{"K"}, label: "kernel threads",
			help: "hide or show kernel threads", run: (*Model).toggleKernel,
		},
		{
			id: "details", scope: inBrowser, keys: []string{"i"}, label: "details", why: needShown,
			help: "all details of the process, or of the namespace", run: (*Model).openDetails,
		},
		{id: "rescan", scope: inBrowser, keys: []string{"r"}, label: "rescan", help: "scan now, also for what no process is in", run: (*Model).rescan},
		{id: "pause", scope: inBrowser, keys: []string{"p"}, label: "pause", help: "stop scanning, or go on", run: (*Model).togglePause},
	}
}

// copyActions copy something of the process under the cursor to the clipboard.
func copyActions() []action {
	return []action{
		{
			id: "copy", scope: inBrowser, keys: []string{"y"}, label: "copy", foot: 3, why: needShown,
			help: "copy something of the process: choose what", run: (*Model).openCopy,
		},
		{
			id: "copy-pid", scope: inBrowser, keys: []string{"y p"}, label: "copy pid", why: needProcess,
			help: "copy the pid", run: (*Model).copyPID,
		},
		{
			id: "copy-inode", scope: inBrowser, keys: []string{"y i"}, label: "copy inode", why: needNamespace,
			help: "copy the inode of the namespace; of a container or a set it asks for the kind", run: (*Model).copyInode,
		},
		{
			id: "copy-command", scope: inBrowser, keys: []string{"y c"}, label: "copy command", why: needProcess,
			help: "copy the command line", run: (*Model).copyCommand,
		},
		{
			id: "copy-name", scope: inBrowser, keys: []string{"y o"}, label: "copy name", why: needOwner,
			help: "copy the name of the container or the unit it belongs to", run: (*Model).copyOwner,
		},
		{
			id: "copy-id", scope: inBrowser, keys: []string{"y d"}, label: "copy id", why: needOwnerID,
			help: "copy the id of the container", run: (*Model).copyOwnerID,
		},
		{
			id: "copy-nsenter", scope: inBrowser, keys: []string{"y n"}, label: "copy nsenter", why: needOneProcess,
			help: "copy the nsenter command for what differs", run: (*Model).copyNsenter,
		},
	}
}

// kindActions choose the tab of kinds.
func kindActions() []action {
	table := []action{{
		id: "kind-all", scope: inBrowser, keys: []string{"0"}, label: "all", help: "namespaces of all kinds",
		run: func(m *Model) tea.Cmd { m.setTab(ofAll); return nil },
	}}
	for _, kind := range ns.Kinds() {
		table = append(table, action{
			id: "kind-" + kind.String(), scope: inBrowser, keys: []string{strconv.Itoa(int(kind) + 1)},
			label: kind.String(), help: kind.String() + " namespaces",
			run: func(m *Model) tea.Cmd { m.setTab(tabOf(&kind)); return nil },
		})
	}
	return append(table,
		action{
			id: "sets", scope: inBrowser, keys: []string{ofSets.key()}, label: ofSets.String(),
			help: "sets: processes that are in the same namespaces of all kinds", run: func(m *Model) tea.Cmd { m.setTab(ofSets); return nil },
		},
		action{
			id: "containers", scope: inBrowser, keys: []string{ofContainers.key()}, label: ofContainers.String(),
			help: "containers and pods, and which namespaces they share", run: func(m *Model) tea.Cmd { m.setTab(ofContainers); return nil },
		},
		action{
			id: "kind-next", scope: inBrowser, keys: []string{"]"}, label: "next kind", help: "next of these lists",
			run: func(m *Model) tea.Cmd { m.nextTab(1); return nil },
		},
		action{
			id: "kind-previous", scope: inBrowser, keys: []string{"["}, label: "previous kind", help: "list before",
			run: func(m *Model) tea.Cmd { m.nextTab(-1); return nil },
		},
	)
}

// programActions are about the program itself.
func programActions() []action {
	return []action{
		{
			id: "events", scope: inBrowser, keys: []string{"e"}, label: "events",
			help: "timeline of the last 1,000 changes: who began, ended, entered what, and when", run: (*Model).openTimeline,
		},
		{
			id: "scan", scope: inBrowser, keys: []string{"F"}, label: "scan",
			help: "how fresh this is, how changes are learned of, what could not be read", run: (*Model).openFreshness,
		},
		{
			id: "palette", scope: inAny, keys: []string{":"}, label: "palette", foot: 2,
			help: "any action by name; net, pid 4183, ns 4026532571, sort age", run: (*Model).openPalette,
		},
		{
			id: "help", scope: inAny, keys: []string{"?", "f1"}, label: "help", foot: 1,
			help: "all keys: type to search, enter runs", run: (*Model).openHelp,
		},
		{id: "messages", scope: inAny, label: "messages", help: "the last messages", run: (*Model).openMessages},
		{
			id: "redraw", scope: inAny, keys: []string{"ctrl+l"}, label: "redraw", help: "draw the screen again",
			run: func(*Model) tea.Cmd { return tea.ClearScreen },
		},
		{
			id: "suspend", scope: inAny, keys: []string{"ctrl+z"}, label: "suspend", help: "stop, as any program; fg goes on",
			run: func(*Model) tea.Cmd { return tea.Suspend },
		},
		{
			id: "cancel", scope: inAny, keys: []string{"ctrl+c"}, label: "cancel", help: "close what is open; twice quits",
			run: (*Model).cancel,
		},
		{
			id: "quit", scope: inBrowser, keys: []string{"q"}, label: "quit", foot: 1,
			help: "quit; asks if a shell runs", run: (*Model).quit,
		},
	}
}

// KeysMarkdown returns the keys as tables in Markdown, for the README.
func KeysMarkdown() string {
	var b strings.Builder
	table := newActions()
	for s := range numScopes {
		rows := 0
		for _, a := range table {
			if a.scope != s || len(a.keys) == 0 || a.help == "" {
				continue
			}
			if rows++; rows == 1 {
				fmt.Fprintf(&b, "**%s**\n\n| key | action |\n|---|---|\n", s)
			}
			fmt.Fprintf(&b, "| %s | %s |\n", markdownKeys(a.keys), a.help)
		}
		if rows > 0 {
			b.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// markdownKeys returns keys as code, with what a table would take for its own escaped.
func markdownKeys(keys []string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = "`" + strings.ReplaceAll(k, "|", `\|`) + "`"
	}
	return strings.Join(quoted, " ")
}
