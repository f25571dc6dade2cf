package ui

import (
	"strings"

	"nstui/procscan"
	"nstui/ui/theme"
)

// enterLines says what of entering the process is known without pinning it: who may.
func (m *Model) enterLines(p *procscan.Process) []line {
	switch {
	case p.Zombie():
		return []line{{{theme.Fail, "fail  "}, {theme.Plain, "a zombie has no namespaces"}}}
	case p.Refused != "":
		return []line{{{theme.Fail, "fail  "}, {theme.Plain, "refused (" + string(p.Refused) + "): sudo nstui"}}}
	case m.config.UID == 0:
		return []line{{{theme.Good, "ok    "}, {theme.Plain, "root"}}}
	case uint32(m.config.UID) == p.UID:
		return []line{{{theme.Warn, "warn  "}, {theme.Plain, "the same user: only what has its own user namespace"}}}
	}
	return []line{{{theme.Fail, "fail  "}, {theme.Plain, "another user's: sudo nstui"}}}
}

// nsenterCommand returns the command that enters all namespaces of the process that are not ours.
func (m *Model) nsenterCommand(p *procscan.Process) string {
	var b strings.Builder
	b.WriteString("nsenter -t ")
	b.WriteString(inode(uint64(p.PID)))
	for _, kind := range p.NS.Differs(&m.world.snap.Mine).Kinds() {
		b.WriteString(" " + kind.Flag())
	}
	return b.String()
}

// pickerActions are the actions that enter.
func pickerActions() []action { return nil }
