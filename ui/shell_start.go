package ui

import (
	"context"
	"errors"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// entry is what was asked for: it can be asked for again.
type entry struct {
	ref     nsenter.Ref
	name    string // of the process, as it set it, or of the container it is in
	owned   bool   // it is that of the container
	request nsenter.Request
	// differing asks for all kinds that differ in place of those of the request.
	differing bool
	// apart are the kinds in which what is to be entered is in several namespaces: none of them can be chosen, for the
	// reason notAll gives. What it names is the process of one of several containers.
	apart  ns.Set
	notAll func(taker string, kinds ns.Set) string
}

// who names what is entered: a container, a process, or a namespace without one.
func (e *entry) who() string {
	if e.ref.PID == 0 || e.owned {
		return e.name
	}
	return strconv.Itoa(e.ref.PID) + " " + e.name
}

// enteredMsg says that a shell runs, or why not.
type enteredMsg struct {
	shell   *shell
	plan    *nsenter.Plan
	session Session
	err     error
	tools   *toolsOffer
}

// notReadyError is why a plan was not started.
type notReadyError struct{ checks []nsenter.Check }

func (e *notReadyError) Error() string {
	var fails []string
	for _, c := range e.checks {
		if c.Level == nsenter.Fail {
			fails = append(fails, c.Text)
		}
	}
	return strings.Join(fails, "; ")
}

// enter opens a shell. The target is pinned first if it is nil; it is closed in any case.
func (m *Model) enter(e entry, target Target) tea.Cmd { return m.enterFor(nil, e, target) }

// enterFor opens a shell in place of one that has ended, under the name that has.
func (m *Model) enterFor(old *shell, e entry, target Target) tea.Cmd {
	l := &m.shells
	l.lastID++
	ctx, abort := context.WithCancel(m.ctx)
	s := &shell{id: l.lastID, entry: e, began: m.now(), abort: abort, started: make(chan struct{})}
	if i := l.index(old); i >= 0 {
		l.list[i], s.name = s, old.name
		if l.current == old {
			l.current = s
		}
	} else {
		l.list = append(l.list, s)
	}
	size := m.paneSize()
	s.pane = newPane(size, m.config.History)
	s.pane.setColors(l.colors.known())
	m.showShell(s)
	enterer := m.config.Enter
	start := func() tea.Msg {
		defer close(s.started)
		defer abort()
		msg := enteredMsg{shell: s}
		if target == nil {
			if target, msg.err = enterer.Pin(e.ref); msg.err != nil {
				return msg
			}
		}
		defer target.Close()
		request := e.request
		if e.differing {
			request.Kinds = target.Facts().Differing()
		}
		explore(target, request)
		found := lookFor(target, request.Shell)
		msg.plan = planOf(target.Facts(), request, found)
		if !msg.plan.Ready() {
			msg.err = &notReadyError{msg.plan.Checks}
			msg.tools = instead(msg.plan, toolsFor(target.Facts(), request, found))
			return msg
		}
		msg.session, msg.err = target.Start(ctx, msg.plan, size.W, size.H)
		s.made = msg.session
		return msg
	}
	return start
}

// explore looks into the target for what an entry needs to know, once. Its files may be slow to answer:
// they matter only if they are entered or shown to the host's tools.
func explore(t Target, r nsenter.Request) {
	if f := t.Facts(); !f.Explored {
		plan := nsenter.NewPlan(f, r, nil)
		t.Explore(r.Kinds.Has(ns.Mnt) || plan.View.Any() || r.Confined || r.Cgroup)
	}
}

// handleEntered lets the shell's goroutines run.
func (m *Model) handleEntered(msg enteredMsg) tea.Cmd {
	s := msg.shell
	s.plan, s.err, s.tools = msg.plan, msg.err, msg.tools
	if msg.err != nil {
		s.over = m.now()
		if errors.Is(msg.err, context.Canceled) {
			m.dropShell(s)
		}
		return nil
	}
	s.session = msg.session
	p, session, send := s.pane, msg.session, m.send
	m.spawn("the reader of a shell", func() { p.read(session, func() { send(shellDrewMsg{s}) }) })
	m.spawn("the writer of a shell", func() { p.write(session) })
	m.spawn("the waiter of a shell", func() {
		status := p.wait(session, func(stopped bool) {
			p.comeBack()
			send(shellStoppedMsg{s, stopped})
		})
		send(shellEndedMsg{s, status})
	})
	if m.shells.index(s) < 0 { // it was put away while it started
		return end(session)
	}
	m.fitShell(s) // the size may have changed meanwhile
	return m.tellView(s)
}

// tellView says what is mounted around the host's tools in a shell, and what could not be.
func (m *Model) tellView(s *shell) tea.Cmd {
	missed := s.session.Missed()
	switch {
	case len(missed) > 0:
	case s.plan.View.Any():
		return m.note("host tools with the target's " + s.plan.View.String() + ", for this shell alone")
	case s.plan.Tree.At != "":
		return m.note("host tools with the target's files in " + s.plan.Tree.Target + ", for this shell alone")
	default:
		return nil
	}
	words := make([]string, len(missed))
	for i, e := range missed {
		words[i] = e.Error()
	}
	return m.warn("host tools without all of the target: " + strings.Join(words, "; "))
}

// end returns a command that ends a shell whose goroutines run.
func end(session Session) tea.Cmd {
	return func() tea.Msg {
		if err := session.Kill(); err != nil {
			return shellFailedMsg{err}
		}
		return nil
	}
}
