package ui

import tea "charm.land/bubbletea/v2"

// shells are the shells that run, or have run and are still looked at.
type shells struct{}

// shellTab is a shell in the strip under the header.
type shellTab struct {
	label  string
	active bool
}

// shellTabs returns the strip of the shells; without any it has no line.
func (m *Model) shellTabs() []shellTab { return nil }

// runningShells returns how many shells would end with the program.
func (m *Model) runningShells() int { return 0 }

// closeShells ends all shells.
func (m *Model) closeShells() {}

// updateShells handles the messages nothing else knows.
func (m *Model) updateShells(tea.Msg) tea.Cmd { return nil }

// shellTitle returns what the window is called while a shell has the keyboard, else "".
func (m *Model) shellTitle() string { return "" }

// decorate changes what a shell wants of the terminal: its cursor, the mouse, the focus.
func (m *Model) decorate(*tea.View) {}

// shellActions are the actions about shells.
func shellActions() []action { return nil }
