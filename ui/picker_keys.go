package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// enterActions are what enters from the browser.
func enterActions() []action {
	return []action{
		{
			id: "shell", scope: inBrowser, keys: []string{"s"}, label: "shell…", foot: 1, why: needPick,
			help: "a shell in namespaces of the process: choose which", run: (*Model).openPicker,
		},
		{
			id: "shell-net", scope: inBrowser, keys: []string{"n"}, label: "net shell", foot: 1, why: needOwnNet,
			help: "a shell in its network namespace, with the host's tools", run: func(m *Model) tea.Cmd {
				return m.enter(m.entryNow(ns.SetOf(ns.Net)), nil)
			},
		},
		{
			id: "shell-all", scope: inBrowser, keys: []string{"S"}, label: "full shell", foot: 3, why: needDifference,
			help: "a shell in everything that differs from yours", run: func(m *Model) tea.Cmd {
				e := m.entryNow(0)
				e.differing = true
				return m.enter(e, nil)
			},
		},
		{
			id: "shell-show", scope: inBrowser, keys: []string{"b"}, label: "back to shell", why: needShell,
			help: "back to the shell", run: func(m *Model) tea.Cmd { return m.showShell(m.shells.current) },
		},
	}
}

// pickerActions are the keys of the picker.
func pickerActions() []action {
	onPicker := func(f func(*Model, *picker) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			if s, ok := m.top().(*picker); ok {
				return f(m, s)
			}
			return nil
		}
	}
	move := func(by int) func(*Model) tea.Cmd {
		return onPicker(func(_ *Model, s *picker) tea.Cmd {
			s.at = (s.at + by + len(pickerOrder)) % len(pickerOrder)
			return nil
		})
	}
	return []action{
		{
			id: "picker-toggle", scope: inPicker, keys: []string{"space"}, label: "toggle", foot: 1,
			help: "choose the kind, or do not; its letter does so too",
			run:  onPicker(func(m *Model, s *picker) tea.Cmd { return m.toggle(s, pickerOrder[s.at]) }),
		},
		{
			id: "picker-start", scope: inPicker, keys: []string{"enter"}, label: "start shell", foot: 1,
			help: "start the shell", run: onPicker((*Model).startPicked),
		},
		{
			id: "picker-all", scope: inPicker, keys: []string{"a"}, label: "all", foot: 2, help: "all kinds that differ",
			run: onPicker(func(_ *Model, s *picker) tea.Cmd {
				if s.plan != nil {
					s.choose(s.differing())
				}
				return nil
			}),
		},
		{
			id: "picker-none", scope: inPicker, keys: []string{"-"}, label: "none", foot: 2, help: "no kind",
			run: onPicker(func(_ *Model, s *picker) tea.Cmd { s.choose(0); return nil }),
		},
		{
			id: "picker-shell", scope: inPicker, keys: []string{"e"}, label: "edit shell", foot: 2, help: "type which shell is to run",
			run: onPicker((*Model).editShell),
		},
		{
			id: "picker-as", scope: inPicker, keys: []string{"w"}, label: "as whom", foot: 3,
			help: "as whom it runs: root where it is mapped, the target's ids, yours", run: onPicker((*Model).cycleAs),
		},
		{
			id: "picker-confine", scope: inPicker, keys: []string{"x"}, label: "confine", foot: 3,
			help: "as confined as the target: capabilities, cgroup, security label", run: onPicker((*Model).toggleConfined),
		},
		{
			id: "picker-cgroup", scope: inPicker, keys: []string{"g"}, label: "its cgroup", foot: 4,
			help: "join the cgroup of the target, which counts and limits the shell", run: onPicker((*Model).toggleCgroup),
		},
		{
			id: "picker-tools", scope: inPicker, keys: []string{"h"}, label: "tools", foot: 3,
			help: "whose programs: the target's, the host's, the host's busybox in its root", run: onPicker((*Model).cycleTools),
		},
		{
			id: "picker-from", scope: inPicker, keys: []string{"f"}, label: "from", foot: 4,
			help: "type where the namespace of this kind is from: another pid, or a file", run: onPicker((*Model).editSource),
		},
		{
			id: "picker-other", scope: inPicker, keys: []string{"o"}, label: "other process",
			help: "once the process is gone: take another of the same namespaces", run: onPicker((*Model).takeOther),
		},
		{
			id: "picker-copy", scope: inPicker, keys: []string{"y"}, label: "copy command", foot: 3, help: "copy the equal nsenter command",
			run: onPicker(func(m *Model, s *picker) tea.Cmd {
				if s.plan == nil {
					return nil
				}
				if s.plan.Command == "" {
					return m.note("nothing is entered: there is no command for it")
				}
				return m.copyText("the command", s.plan.Command)
			}),
		},
		{id: "picker-down", scope: inPicker, keys: []string{"down", "j"}, label: "down", help: "next kind", run: move(1)},
		{id: "picker-up", scope: inPicker, keys: []string{"up", "k"}, label: "up", help: "kind before", run: move(-1)},
		{
			id: "picker-close", scope: inPicker, keys: []string{"esc", "q", "left"}, label: "cancel", foot: 1, help: "close the picker",
			run: onPicker((*Model).cancelPicker),
		},
	}
}

// needTarget says why there is nothing to enter.
func needTarget(m *Model) string {
	if s := m.emptySpace(); s != nil {
		if _, err := m.wayInto(s); err != nil {
			return err.Error()
		}
		return ""
	}
	switch p := m.procNow(); {
	case m.world == nil || p == nil:
		return "no process is selected"
	case p.ended:
		return fmt.Sprintf("process %d has ended", p.PID)
	case p.Zombie():
		return fmt.Sprintf("process %d has ended and is a zombie: it has no namespaces to enter", p.PID)
	}
	return m.foreignPIDs()
}

// needPick says why there is nothing to choose from.
func needPick(m *Model) string {
	if why := needTarget(m); why != "" || m.emptySpace() != nil {
		return why
	}
	if p := m.procNow(); p.differs != 0 && p.differs&^m.apartNow() == 0 {
		return m.notAll(p.differs)
	}
	return ""
}

// foreignPIDs says why no process can be entered if the proc root has pids of another pid namespace than ours.
func (m *Model) foreignPIDs() string {
	if s := m.world.snap; !s.Part && s.Self == (procscan.ProcID{}) {
		return "the pids of " + s.Root + " are of another pid namespace: run nstui in that one (--pid host of a container runtime)"
	}
	return ""
}

func needOwnNet(m *Model) string {
	if why := needTarget(m); why != "" {
		return why
	}
	if s := m.emptySpace(); s != nil {
		if s.ID.Kind != ns.Net {
			return fmt.Sprintf("it is a %s namespace: s enters it", s.ID.Kind)
		}
		return ""
	}
	if why := m.notAll(ns.SetOf(ns.Net)); why != "" {
		return why
	}
	if p := m.procNow(); p.NS[ns.Net] != 0 && !p.differs.Has(ns.Net) {
		return fmt.Sprintf("process %d is in your network namespace", p.PID)
	}
	return ""
}

func needDifference(m *Model) string {
	if why := needTarget(m); why != "" {
		return why
	}
	if m.emptySpace() != nil {
		return ""
	}
	if why := m.notAll(ns.All); why != "" {
		return why
	}
	if p := m.procNow(); p.Refused == "" && p.differs == 0 {
		return fmt.Sprintf("process %d shares all your namespaces", p.PID)
	}
	return ""
}

func needShell(m *Model) string {
	if m.shells.current == nil {
		return "there is no shell: n or s opens one"
	}
	return ""
}
