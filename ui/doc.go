// Package ui is the program on the screen: it shows snapshots of the host's namespaces and lets
// somebody move among them. It is the only package that knows bubbletea.
//
// One Model holds all state and Update is the only function that changes it. Update never waits: scans,
// inspections, entries and look-ups of names are commands, and what they find comes back as a message.
// Each of these carries an era or what it is about, and one that is over is dropped. A goroutine that
// handles what somebody else made, such as the output of a shell, is started by Model.spawn only, which
// turns a panic into a message: in one that nobody recovers, a panic leaves the terminal raw.
//
// View runs after every message, so it costs as much as the screen is large, not as the host is: lists
// are filtered and sorted when a snapshot, the filter or the order changes (browser.go), what a scan
// saw is prepared in the scan's own goroutine (world.go), and all sums of widths are in ui/layout.
//
// Who processes belong to (names.go) is part of what the scan has prepared. What daemons of runtimes tell
// later makes another such world of the same snapshot: rows are found again by identity, so no cursor moves.
// The first list is of namespaces or of groups of processes (tab.go): sets and containers.
//
// Rows are strings of exactly the width of their rectangle. Text in a span is as it came from outside:
// painter.line, which makes the rows, passes all of it through ui/text.
//
// What has the keyboard is the topmost surface (surface.go), and the browser where there is none. A shell is
// a surface while it has the keyboard; beside the list (shell_side.go) it is on the screen without. What
// keys do is one table (keys.go): the footer, the help, the palette and KeysMarkdown are made from it.
//
// What a shell has printed is looked back at on a copy (scroll.go): what runs on in the meantime changes
// nothing of what is searched, selected and copied there.
//
// The package reads no /proc and makes no system calls but for the files it is asked to write (save.go):
// shells are started by package nsenter (shell.go).
package ui
