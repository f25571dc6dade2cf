package term

// sgr is SGR: the style of what is written from now on.
func (t *Terminal) sgr(s *sequence) {
	if s.n == 0 {
		t.resetStyle()
		return
	}
	for i := 0; i < s.n; {
		end := i + 1
		for s.sub(end) {
			end++
		}
		i = t.sgrValue(s, i, end)
	}
}

// resetStyle is SGR 0; links and protection are no part of the style.
func (t *Terminal) resetStyle() {
	p := &t.pen
	p.fg, p.bg, p.attr = 0, 0, p.attr&protected
	if p.ul != 0 {
		p.ul = 0
		t.setExtra()
	}
}

// sgrAttrs are the attributes that one value sets.
var sgrAttrs = [...]attr{1: bold, 2: dim, 3: italic, 5: blink, 6: blink, 7: reverse, 8: conceal, 9: strike}

// sgrValue applies the value at i with its sub-values up to end, and returns where to go on.
func (t *Terminal) sgrValue(s *sequence, i, end int) int {
	p := &t.pen
	switch v := s.param(i, 0); {
	case v == 0:
		t.resetStyle()
	case v == 4:
		u := UnderlineSingle
		if end > i+1 {
			u = Underline(min(s.param(i+1, 1), 255))
		}
		if u <= UnderlineDashed {
			p.attr = p.attr.withUnderline(u)
		}
	case v < len(sgrAttrs):
		p.attr |= sgrAttrs[v]
	case v >= 21 && v <= 29:
		p.sgrOff(v)
	case v >= 30 && v <= 37:
		p.fg = paletteColor(v - 30)
	case v >= 40 && v <= 47:
		p.bg = paletteColor(v - 40)
	case v >= 90 && v <= 97:
		p.fg = paletteColor(v - 90 + 8)
	case v >= 100 && v <= 107:
		p.bg = paletteColor(v - 100 + 8)
	case v == 38 || v == 48 || v == 58:
		return t.sgrColor(s, i, end)
	case v == 39:
		p.fg = 0
	case v == 49:
		p.bg = 0
	case v == 53:
		p.attr |= overline
	case v == 55:
		p.attr &^= overline
	case v == 59:
		p.ul = 0
		t.setExtra()
	}
	return end
}

// sgrOff applies the values that end an attribute, and 21, which is a double underline.
func (p *pen) sgrOff(v int) {
	switch v {
	case 21:
		p.attr = p.attr.withUnderline(UnderlineDouble)
	case 22:
		p.attr &^= bold | dim
	case 23:
		p.attr &^= italic
	case 24:
		p.attr = p.attr.withUnderline(UnderlineNone)
	case 25:
		p.attr &^= blink
	case 27:
		p.attr &^= reverse
	case 28:
		p.attr &^= conceal
	case 29:
		p.attr &^= strike
	}
}

// sgrColor applies a foreground, background or underline colour of the palette or in RGB, written
// with colons (then RGB may have the number of a colour space before it) or with semicolons.
func (t *Terminal) sgrColor(s *sequence, i, end int) int {
	at, next := i+1, end
	colons := end > i+1
	var c color
	switch s.param(at, -1) {
	case 5:
		if !colons {
			next = at + 2
		}
		n := s.param(at+1, 0)
		if n > 255 || at+1 >= s.n {
			return min(next, s.n)
		}
		c = paletteColor(n)
	case 2:
		rgb := at + 1
		if !colons {
			next = at + 4
		} else if end-at > 4 {
			rgb++
		}
		if rgb+2 >= s.n || colons && rgb+2 >= end {
			return min(next, s.n)
		}
		r, g, b := s.param(rgb, 0), s.param(rgb+1, 0), s.param(rgb+2, 0)
		if max(r, g, b) > 255 {
			return min(next, s.n)
		}
		c = rgbColor(r, g, b)
	default:
		return end
	}
	switch s.param(i, 0) {
	case 38:
		t.pen.fg = c
	case 48:
		t.pen.bg = c
	case 58:
		t.pen.ul = c
		t.setExtra()
	}
	return min(next, s.n)
}
