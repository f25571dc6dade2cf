package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/ui/theme"
)

// assessment is what entering the process under the cursor would need.
type assessment struct {
	id   procscan.ProcID
	plan *nsenter.Plan // nil until it is made
	err  error
}

// assessedMsg is the end of an assessment.
type assessedMsg assessment

// assessProc finds out what entering everything that differs would need. The target is let go of at
// once, and its files are not looked at: that is for who wants to enter, and may hang.
func (m *Model) assessProc(p *proc) tea.Cmd {
	if p.Zombie() || p.Refused != "" || m.foreignPIDs() != "" {
		return nil
	}
	id := p.ID()
	if m.shells.assess.id != id {
		m.shells.assess = assessment{id: id}
	}
	e, enterer := m.entryFor(p, 0), m.config.Enter
	return func() tea.Msg {
		t, err := enterer.Pin(e.ref)
		if err != nil {
			return assessedMsg{id: id, err: err}
		}
		defer t.Close()
		e.request.Kinds = t.Facts().Differing()
		return assessedMsg{id: id, plan: nsenter.NewPlan(t.Facts(), e.request, nil)}
	}
}

func (m *Model) handleAssessed(msg assessedMsg) {
	if msg.id == m.shells.assess.id {
		m.shells.assess = assessment(msg)
	}
}

// detailWidth is how wide the details are: in the third column, or in the middle of the screen.
func (m *Model) detailWidth() int {
	if !m.screen.Details.Empty() {
		return m.screen.Details.Inner().W
	}
	return m.screen.Popup(maxMenuWidth, 0).Inner().W
}

// enterLines says what entering the process would need.
func (m *Model) enterLines(p *procscan.Process) []line {
	var ls []line
	for _, l := range m.assessLines(p) {
		l[0].text = strings.TrimPrefix(l[0].text, " ") // the details have a margin of their own
		ls = append(ls, l)
	}
	return ls
}

// assessLines says what is known of entering the process, as the picker would.
func (m *Model) assessLines(p *procscan.Process) []line {
	width := m.detailWidth()
	fail := func(why string) []line { return labelled(theme.Fail, nsenter.Fail.String(), why, width) }
	a := &m.shells.assess
	switch {
	case p.Zombie():
		return fail("it is a zombie: it has no namespaces to enter")
	case p.Refused != "":
		if m.config.UID == 0 {
			return fail(fmt.Sprintf("it refused (%s), even to root", p.Refused))
		}
		return fail(fmt.Sprintf("it refused (%s): sudo nstui", p.Refused))
	case m.foreignPIDs() != "":
		return fail(m.foreignPIDs())
	case a.id != p.ID() || a.plan == nil && a.err == nil:
		return nil // not yet known
	case a.err != nil:
		return fail(a.err.Error())
	}
	var ls []line
	for _, c := range a.plan.Checks {
		ls = append(ls, checkLines(c, width)...)
	}
	ls = append(ls, line{{theme.Plain, ""}})
	return append(ls, line{
		{theme.Accent, "s"},
		{theme.Plain, " shell…   "},
		{theme.Accent, "n"},
		{theme.Plain, " net only   "},
		{theme.Accent, "y"},
		{theme.Plain, " copy…"},
	})
}

// nsenterCommand returns the command that enters all namespaces of the process that are not ours.
func (m *Model) nsenterCommand(p *procscan.Process) string {
	if a := &m.shells.assess; a.plan != nil && a.id == p.ID() && a.plan.Command != "" {
		return a.plan.Command
	}
	words := []string{"nsenter", "-t", strconv.Itoa(p.PID)}
	for _, kind := range p.NS.Differs(&m.world.snap.Mine).Kinds() {
		words = append(words, kind.Flag())
	}
	return strings.Join(words, " ")
}
