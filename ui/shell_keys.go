package ui

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/ui/term"
	"nstui/ui/theme"
)

// isKey reports whether a key is the one with the given name, such as "ctrl+]". It compares what was
// pressed, not what the terminal made of it: 0x1d and the reports of newer keyboards are the same key.
func isKey(msg tea.KeyPressMsg, name string) bool {
	const held = tea.ModShift | tea.ModAlt | tea.ModCtrl | tea.ModMeta | tea.ModSuper | tea.ModHyper
	mod := msg.Mod & held
	rest, ctrl := strings.CutPrefix(name, "ctrl+")
	want := tea.KeyMod(0)
	if ctrl {
		want = tea.ModCtrl
	}
	r := []rune(rest)
	if len(r) != 1 {
		return msg.String() == name
	}
	return mod == want && msg.Code == r[0]
}

// emulatorKeys are the keys without a character, by their names in the two libraries.
var emulatorKeys = map[rune]rune{
	tea.KeyUp: term.KeyUp, tea.KeyDown: term.KeyDown, tea.KeyLeft: term.KeyLeft, tea.KeyRight: term.KeyRight,
	tea.KeyBegin: term.KeyBegin, tea.KeyHome: term.KeyHome, tea.KeyEnd: term.KeyEnd,
	tea.KeyInsert: term.KeyInsert, tea.KeyDelete: term.KeyDelete,
	tea.KeyPgUp: term.KeyPageUp, tea.KeyPgDown: term.KeyPageDown,
	tea.KeyF1: term.KeyF1, tea.KeyF2: term.KeyF2, tea.KeyF3: term.KeyF3, tea.KeyF4: term.KeyF4,
	tea.KeyF5: term.KeyF5, tea.KeyF6: term.KeyF6, tea.KeyF7: term.KeyF7, tea.KeyF8: term.KeyF8,
	tea.KeyF9: term.KeyF9, tea.KeyF10: term.KeyF10, tea.KeyF11: term.KeyF11, tea.KeyF12: term.KeyF12,
	tea.KeyF13: term.KeyF13, tea.KeyF14: term.KeyF14, tea.KeyF15: term.KeyF15, tea.KeyF16: term.KeyF16,
	tea.KeyF17: term.KeyF17, tea.KeyF18: term.KeyF18, tea.KeyF19: term.KeyF19, tea.KeyF20: term.KeyF20,
	tea.KeyF21: term.KeyF21, tea.KeyF22: term.KeyF22, tea.KeyF23: term.KeyF23, tea.KeyF24: term.KeyF24,
	tea.KeyKp0: term.KeyKP0, tea.KeyKp1: term.KeyKP1, tea.KeyKp2: term.KeyKP2, tea.KeyKp3: term.KeyKP3,
	tea.KeyKp4: term.KeyKP4, tea.KeyKp5: term.KeyKP5, tea.KeyKp6: term.KeyKP6, tea.KeyKp7: term.KeyKP7,
	tea.KeyKp8: term.KeyKP8, tea.KeyKp9: term.KeyKP9,
	tea.KeyKpDecimal: term.KeyKPDecimal, tea.KeyKpDivide: term.KeyKPDivide, tea.KeyKpMultiply: term.KeyKPMultiply,
	tea.KeyKpMinus: term.KeyKPMinus, tea.KeyKpPlus: term.KeyKPPlus, tea.KeyKpEnter: term.KeyKPEnter,
	tea.KeyKpEqual: term.KeyKPEqual, tea.KeyKpSep: term.KeyKPSeparator,
	tea.KeyKpUp: term.KeyUp, tea.KeyKpDown: term.KeyDown, tea.KeyKpLeft: term.KeyLeft, tea.KeyKpRight: term.KeyRight,
	tea.KeyKpPgUp: term.KeyPageUp, tea.KeyKpPgDown: term.KeyPageDown, tea.KeyKpHome: term.KeyHome,
	tea.KeyKpEnd: term.KeyEnd, tea.KeyKpInsert: term.KeyInsert, tea.KeyKpDelete: term.KeyDelete, tea.KeyKpBegin: term.KeyBegin,
	tea.KeyEnter: term.KeyEnter, tea.KeyTab: term.KeyTab, tea.KeyEscape: term.KeyEscape,
	tea.KeySpace: term.KeySpace, tea.KeyBackspace: term.KeyBackspace,
}

// shellKey is the key as the emulator takes it.
func shellKey(msg tea.KeyPressMsg) term.Key {
	k := term.Key{Text: msg.Text, Mod: shellMod(msg.Mod), Shifted: msg.ShiftedCode, Base: msg.BaseCode}
	// Above Unicode both libraries number keys of their own: what has no name in the other is its text.
	if code, ok := emulatorKeys[msg.Code]; ok {
		k.Code = code
	} else if msg.Code <= unicode.MaxRune {
		k.Code = msg.Code
	}
	return k
}

func shellMod(mod tea.KeyMod) term.Mod {
	var out term.Mod
	for from, to := range map[tea.KeyMod]term.Mod{
		tea.ModShift: term.ModShift, tea.ModAlt: term.ModAlt, tea.ModCtrl: term.ModCtrl,
		tea.ModSuper: term.ModSuper, tea.ModHyper: term.ModHyper, tea.ModMeta: term.ModMeta,
	} {
		if mod.Contains(from) {
			out |= to
		}
	}
	return out
}

// shellMouse is the event as the emulator takes it, in cells of the whole screen.
func shellMouse(msg tea.MouseMsg) term.Mouse {
	mouse := msg.Mouse()
	ev := term.Mouse{X: mouse.X, Y: mouse.Y, Mod: shellMod(mouse.Mod), Button: map[tea.MouseButton]term.MouseButton{
		tea.MouseLeft: term.MouseLeft, tea.MouseMiddle: term.MouseMiddle, tea.MouseRight: term.MouseRight,
		tea.MouseWheelUp: term.WheelUp, tea.MouseWheelDown: term.WheelDown,
		tea.MouseWheelLeft: term.WheelLeft, tea.MouseWheelRight: term.WheelRight,
		tea.MouseBackward: term.MouseBackward, tea.MouseForward: term.MouseForward,
	}[mouse.Button]}
	switch msg.(type) {
	case tea.MouseReleaseMsg:
		ev.Action = term.MouseRelease
	case tea.MouseMotionMsg:
		ev.Action = term.MouseMotion
	}
	return ev
}

// shellActions are the keys after the prefix.
func shellActions() []action {
	table := []action{
		{
			id: "shell-back", scope: inShell, aside: true, keys: []string{"d", "b"}, label: "back", foot: 1,
			help: "back to the browser; the shell keeps running", run: func(m *Model) tea.Cmd { m.hideShell(); return nil },
		},
		{
			id: "shell-kill", scope: inShell, keys: []string{"x"}, label: "kill", foot: 1,
			help: "end the shell, asks first; close its tab once it has ended", run: (*Model).killShell,
		},
		{
			id: "shell-scroll", scope: inShell, keys: []string{"["}, label: "scroll", foot: 2,
			help: "scroll back: up down pgup pgdn g G, q ends", run: (*Model).startScroll,
		},
		{
			id: "shell-copy", scope: inShell, keys: []string{"y"}, label: "copy", foot: 2,
			help: "copy what is on the screen", run: (*Model).copyShell,
		},
		{
			id: "shell-send", scope: inShell, keys: []string{"]"}, label: "send it", foot: 1,
			help: "send the prefix itself to the shell; so does pressing it twice", run: (*Model).sendPrefix,
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
			help: "all shells to choose from, with their titles and what became of them", run: (*Model).chooseShell,
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
			id: "shell-restart", scope: inShell, keys: []string{"r"}, label: "run again", why: needDone,
			help: "enter again, once it has ended", run: (*Model).restartShell,
		},
		{
			id: "shell-continue", scope: inShell, keys: []string{"c"}, label: "continue", why: needStopped,
			help: "let a stopped shell go on", run: (*Model).continueShell,
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
			id: "ended-back", scope: inEnded, keys: []string{"enter", "esc"}, label: "back", help: "back to the browser; its tab goes",
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
		about = p.shown
	}
	m.dropShell(s)
	return m.pick(e, about)
}

func needDone(m *Model) string {
	if s := m.shellShown(); s == nil || !s.done() {
		return "it still runs"
	}
	return ""
}

func needStopped(m *Model) string {
	if s := m.shellShown(); s == nil || !s.stopped {
		return "it is not stopped"
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

// sendPrefix sends the prefix to the shell, which would never get it otherwise.
func (m *Model) sendPrefix() tea.Cmd {
	s := m.shellShown()
	rest := strings.TrimPrefix(m.config.Prefix, "ctrl+")
	modes, _ := s.pane.state()
	return m.typeInto(s, term.EncodeKey(term.Key{Code: []rune(rest)[0], Mod: term.ModCtrl}, modes))
}

func (m *Model) startScroll() tea.Cmd {
	s := m.shellShown()
	if s.pane.history() == 0 {
		return m.note("nothing has been scrolled off yet")
	}
	m.shells.view.scrolling = true
	return nil
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

// copyShell copies what is on the screen, or why there is none.
func (m *Model) copyShell() tea.Cmd {
	s := m.shellShown()
	if s.session == nil {
		if s.err == nil {
			return nil
		}
		return m.copyText("the reason", s.err.Error())
	}
	return m.copyText("the screen", strings.TrimRight(strings.Join(s.pane.text(s.back), "\n"), "\n")+"\n")
}

// restartShell enters again as before, in the same place and under the same name.
func (m *Model) restartShell() tea.Cmd {
	s := m.shellShown()
	return m.enterFor(s, s.entry, nil)
}

func (m *Model) continueShell() tea.Cmd {
	s := m.shellShown()
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
