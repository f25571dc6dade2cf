package ui

import (
	"image/color"

	"nstui/ui/term"
)

// outerColors are the default colours of the terminal around, as far as it has told: nil is not known.
type outerColors struct{ foreground, background *term.RGB }

func rgbOf(c color.Color) *term.RGB {
	if c == nil {
		return nil
	}
	r, g, b, _ := c.RGBA() // 16 bits each
	return &term.RGB{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8)}
}

// known returns both colours. Of a terminal that does not tell, it is said what most are, or what can be
// read on its background.
func (c outerColors) known() (foreground, background term.RGB) {
	foreground = term.RGB{R: 0xe5, G: 0xe5, B: 0xe5}
	if c.background != nil {
		if background = *c.background; background.Light() {
			foreground = term.RGB{}
		}
	}
	if c.foreground != nil {
		foreground = *c.foreground
	}
	return foreground, background
}

// recolor tells the shells what the default colours are: programs choose readable ones by that.
func (l *shells) recolor() {
	foreground, background := l.colors.known()
	for _, s := range l.list {
		s.pane.setColors(foreground, background)
	}
}

// setColors changes what the shell is told about the default colours.
func (p *pane) setColors(foreground, background term.RGB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.term.SetColors(foreground, background)
	p.answer()
}
