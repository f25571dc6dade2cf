package ui

import (
	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
)

// surface is something that lies over the browser and has the keyboard while it is the topmost. It is
// opened by Model.open and closed by Model.shut; a surface that is not in the stack does not exist.
type surface interface {
	// scope says which actions of the table are for this surface.
	scope() scope
	// key handles a key and reports whether it did; if not, the actions of its scope are asked, and
	// those for everywhere.
	key(m *Model, msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool)
	// draw returns where the surface is and rows of exactly that size. An empty rectangle is a
	// surface that is drawn by another part, such as the line of the filter.
	draw(m *Model) (layout.Rect, []string)
}

// paster is a surface that takes pasted text.
type paster interface {
	paste(m *Model, text string) tea.Cmd
}

// mouser is a surface that takes the mouse.
type mouser interface {
	mouse(m *Model, msg tea.MouseMsg) tea.Cmd
}

// cursored is a surface in which the terminal's own cursor is shown: input methods follow it.
type cursored interface {
	// cursor returns nil where the cursor is hidden.
	cursor(m *Model) *tea.Cursor
}

// footed is a surface that says itself what the footer shows.
type footed interface {
	// footer returns the lines at the foot of the screen.
	footer(m *Model) []line
}
