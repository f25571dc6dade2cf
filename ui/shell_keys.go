package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/ui/term"
	"nstui/ui/theme"
)

// shellActions are the keys after the prefix.
func shellActions() []action {
	table := []action{
		{
			id: "shell-back", scope: inShell, aside: true, keys: []string{"d", "b"}, label: "back", foot: 1,
			help: "back to the browser, the shell keeps running; from there back to it", run: (*Model).leaveShell,
		},
		{
			id: "shell-kill", scope: inShell, keys: []string{"x"}, label: "kill", foot: 1,
			help: "end the shell, asks first; close its tab once it has ended", run: (*Model).killShell,
		},
		{
			id: "shell-scroll", scope: inShell, keys: []string{"["}, label: "scroll", foot: 2,
			help: "scroll back, search, select, copy, save; so does the wheel, with --mouse", run: (*Model).startScroll,
		},
		{
			id: "shell-copy", scope: inShell, keys: []string{"y"}, label: "copy", foot: 2,
			help: "copy what is on the screen", run: (*Model).copyShell,
		},
		{
			id: "shell-links", scope: inShell, keys: []string{"u"}, label: "links",
			help: "links in what was printed, to be copied", run: (*Model).findLinks,
		},
		{
			id: "shell-send", scope: inShell, keys: []string{"]"}, label: "send it", foot: 1,
			help: "send the prefix itself to the shell; so does pressing it twice", run: (*Model).sendPrefix,
		},
		{
			id: "shell-new", scope: inShell, keys: []string{"c"}, label: "new", foot: 3,
			help: "another shell like this one, in a tab of its own", run: (*Model).anotherShell,
		},
		{
			id: "shell-next", scope: inShell, aside: true, keys: []string{"n"}, label: "next", foot: 3, help: "next shell",
			run: func(m *Model) tea.Cmd { return m.cycleShell(1) },
		},
		{
			id: "shell-previous", scope: inShell, aside: true, keys: []string{"p"}, label: "previous", help: "shell before",
			run: func(m *Model) tea.Cmd { return m.cycleShell(-1) },
		},
		{
			id: "shell-last", scope: inShell, aside: true, keys: []string{"tab"}, label: "last", help: "shell that was shown before this one",
			run: (*Model).lastShell,
		},
		{
			id: "shell-list", scope: inShell, aside: true, keys: []string{"w"}, label: "shells", foot: 3,
			help: "all shells to choose from, with what runs in them and what became of them", run: (*Model).chooseShell,
		},
		{
			id: "shell-rename", scope: inShell, keys: []string{","}, label: "rename", help: "name the tab",
			run: (*Model).renameShell,
		},
		{
			id: "shell-side", scope: inShell, keys: []string{"|"}, label: "side by side", foot: 4, aside: true,
			help: "list and shell side by side, from 140 columns on; again ends it", run: (*Model).toggleSide,
		},
		{
			id: "shell-zoom", scope: inShell, keys: []string{"z"}, label: "zoom", foot: 4, aside: true, why: needSplit,
			help: "the side that has the keyboard fills the screen; again ends it", run: (*Model).toggleZoom,
		},
		{
			id: "shell-list-side", scope: inShell, keys: []string{"left"}, label: "list", foot: 4, aside: true, why: needBeside,
			help: "keys go to the list beside the shell", run: func(m *Model) tea.Cmd { m.focusList(); return nil },
		},
		{
			id: "shell-own-side", scope: inShell, keys: []string{"right"}, label: "shell", aside: true, why: needBeside,
			help: "keys go to the shell beside the list", run: func(m *Model) tea.Cmd { m.focusShell(); return nil },
		},
		{
			id: "shell-other-side", scope: inShell, keys: []string{"o"}, label: "other side", aside: true, why: needBeside,
			help: "keys go to the other side", run: (*Model).otherSide,
		},
		{
			id: "shell-restart", scope: inShell, keys: []string{"r"}, label: "run again", why: needIdle,
			help: "enter again, once it has ended; let a stopped one go on", run: (*Model).rerunShell,
		},
		{
			id: fullAction, scope: inShell, keys: []string{"f"}, label: "full screen", foot: 4, why: needRunning,
			help: "hand the terminal itself to the shell; the prefix and f lead back", run: (*Model).showFull,
		},
		{
			id: "shell-record", scope: inShell, keys: []string{"R"}, label: "record", foot: 4, why: needScreen,
			help: "record to a file in the current directory, for asciinema; again ends it", run: (*Model).toggleRecording,
		},
		{id: "shell-help", scope: inShell, aside: true, keys: []string{"?"}, label: "keys", foot: 1, help: "all keys", run: (*Model).openHelp},
	}
	for i := range 10 {
		table = append(table, action{
			id: fmt.Sprintf("shell-%d", i+1), scope: inShell, aside: true, keys: []string{strconv.Itoa((i + 1) % 10)},
			label: fmt.Sprintf("shell %d", i+1), run: func(m *Model) tea.Cmd { return m.switchShell(i) },
		})
		if i == 0 {
			table[len(table)-1].help = "shell 1; 2 to 9 are the others, 0 is shell 10"
		}
	}
	return table
}

// endedActions are the keys on the screen of a shell that has ended, or did not start.
func endedActions() []action {
	return []action{
		{
			id: "ended-back", scope: inEnded, keys: []string{"enter", "q", "esc"}, label: "back", help: "back to the browser; its tab goes",
			run: func(m *Model) tea.Cmd { m.dropShell(m.shellShown()); return nil },
		},
		{
			id: "ended-again", scope: inEnded, keys: []string{"r"}, label: "run again", help: "enter again",
			run: (*Model).restartShell,
		},
		{
			id: "ended-copy", scope: inEnded, keys: []string{"y"}, label: "copy",
			help: "copy what is on the screen, or why it did not start", run: (*Model).copyShell,
		},
		{
			id: "ended-tools", scope: inEnded, keys: []string{"h"}, label: "other tools", why: needTools,
			help: "if there is no shell in the target: the picker, with the host's tools", run: (*Model).pickTools,
		},
		{
			id: "ended-other", scope: inEnded, keys: []string{"o"}, label: "other process", why: needOther,
			help: "if its process was gone: enter by another of the same namespaces", run: (*Model).enterOther,
		},
	}
}

// needTools says why other tools would be of no use.
func needTools(m *Model) string {
	if s := m.shellShown(); s == nil || s.tools == nil {
		return "none would help here"
	}
	return ""
}

// pickTools opens the picker with the tools with which a shell would have started.
func (m *Model) pickTools() tea.Cmd {
	s := m.shellShown()
	e, about := s.entry, s.entry.name
	e.request.Tools = s.tools.tools
	if p := m.world.find(procIDOf(e.ref)); p != nil {
		about = m.aboutOf(p)
	}
	m.dropShell(s)
	return m.pick(e, about)
}

// needIdle keeps a shell that runs from being run again.
func needIdle(m *Model) string {
	if s := m.shellShown(); s == nil || !s.done() && !s.stopped {
		return "it still runs"
	}
	return ""
}

// shellMenu says what the key after the prefix can be: everything, or without what matters least.
func (m *Model) shellMenu() []line {
	var menus []line
	for least := 4; least > 0; least-- {
		words := []string{m.config.Prefix + " …"}
		for i := range m.actions {
			a := &m.actions[i]
			if a.scope == inShell && a.foot > 0 && a.foot <= least {
				words = append(words, a.keys[0]+" "+a.label)
			}
		}
		if n := len(m.shells.list); least > 1 && n > 1 {
			words = append(words, fmt.Sprintf("1-%d shell", min(n, 9)))
		}
		menus = append(menus, say(theme.Inside, strings.Join(append(words, "esc cancel"), "  ")))
	}
	return append(menus, say(theme.Inside, m.config.Prefix+" …  d back  x kill  ? keys"))
}

// leaveShell goes to the browser, and from there to the shell that was shown last.
func (m *Model) leaveShell() tea.Cmd {
	if m.shellShown() == nil {
		return m.showShell(m.shells.current)
	}
	m.hideShell()
	return nil
}

// sendPrefix sends the prefix to the shell, which would never get it otherwise.
func (m *Model) sendPrefix() tea.Cmd {
	s := m.shellShown()
	modes, _ := s.pane.state()
	return m.typeInto(s, term.EncodeKey(term.Key{Code: m.config.prefix(), Mod: term.ModCtrl}, modes))
}

// killShell ends the shell, if the answer to the question is yes, and puts away one that has ended.
func (m *Model) killShell() tea.Cmd {
	s := m.shellShown()
	if s.done() {
		m.dropShell(s)
		return nil
	}
	m.open(&confirm{
		title:    "Kill",
		question: []string{"End the shell " + s.label() + "?"},
		yes:      "kill",
		run: func(m *Model) tea.Cmd {
			switch {
			case s.running():
				return end(s.session)
			case !s.done(): // what it waits for may never come
				s.abort()
				m.dropShell(s)
			}
			return nil
		},
	})
	return nil
}

// anotherShell asks once more for what the shell was asked for.
func (m *Model) anotherShell() tea.Cmd { return m.enter(m.shellShown().entry, nil) }

// restartShell enters again as before, in the same place and under the same name.
func (m *Model) restartShell() tea.Cmd {
	s := m.shellShown()
	return m.enterFor(s, s.entry, nil)
}

// rerunShell lets the shell run, whatever keeps it from that.
func (m *Model) rerunShell() tea.Cmd {
	s := m.shellShown()
	if s.done() {
		return m.restartShell()
	}
	session := s.session
	return func() tea.Msg {
		if err := session.Continue(); err != nil {
			return shellFailedMsg{err}
		}
		return nil
	}
}

// procIDOf returns the identity a target was picked by.
func procIDOf(ref nsenter.Ref) procscan.ProcID {
	return procscan.ProcID{PID: ref.PID, Start: ref.Start}
}
