package term

import (
	"fmt"
	"strconv"
)

// State returns bytes that bring a fresh terminal of the same size to the state of this one: its screen,
// cursor, modes, margins, tab stops, colours, title, and what it is in the middle of. A child's output
// can be taken up anywhere by another terminal: what it gets next means the same there.
//
// Left out are the history, what is on an alternate screen that is not shown, modes saved with XTSAVE
// and the character that REP would repeat. The child's text is in it as it came, so the bytes are for a
// terminal that belongs to the child, or for a file; Row is what is drawn into a frame.
func (t *Terminal) State() []byte { return t.state(true) }

// Handover returns State without the title and the stack of those before (XTWINOPS 22 and 23), for a terminal
// that is the child's only for a while: what that had as its title is on a stack of its own, and must stay on
// top of it.
func (t *Terminal) Handover() []byte { return t.state(false) }

func (t *Terminal) state(titles bool) []byte {
	w := stateWriter{t: t}
	if t.level != defaultLevel {
		w.addf("\x1b[%d\"p", t.level)
	}
	w.styles()
	if titles {
		w.titles()
	}
	w.colors()
	w.tabs()
	w.rows(t.primary.rows)
	w.kitty(t.kitty[0])
	if t.modes.AltScreen {
		w.place(t.primary, t.primary.saved)
		w.add("\x1b[?1049h") // saves the cursor as well
		w.neutral()
		w.add("\x1b[2J")
		w.rows(t.alternate.rows)
		w.kitty(t.kitty[1])
	}
	if t.screen.saved != (saved{}) {
		w.place(t.screen, t.screen.saved)
		w.add("\x1b7")
		w.neutral()
	}
	w.margins()
	w.modes()
	w.place(t.screen, saved{x: t.x, y: t.y, pending: t.pending, origin: t.origin, pen: t.pen, charsets: t.charsets})
	if w.nrcm != t.national {
		w.private(42, t.national)
	}
	if t.modes.Sync {
		w.add("\x1b[?2026h")
	}
	if n := t.charsets.single; n != 0 {
		w.add("\x1b" + string('L'+rune(n))) // SS2 is N, SS3 is O
	}
	return t.parser.unfinished(w.out)
}

// PrimaryRow returns the row of the cursor on the primary screen, or where it will be once that is shown.
func (t *Terminal) PrimaryRow() int {
	if t.modes.AltScreen {
		return min(t.primary.saved.y, t.size.H-1)
	}
	return t.y
}

// stateWriter writes what State returns. It knows what the terminal that reads it is like by then.
type stateWriter struct {
	t      *Terminal
	out    []byte
	now    stateStyle
	sets   charsets
	origin bool
	framed bool // the margins are set
	nrcm   bool // national sets can be designated
}

// stateStyle is a pen, in a form that can be compared.
type stateStyle struct {
	fg, bg, ul color
	attr       attr
	link       string
}

func (w *stateWriter) add(s string) { w.out = append(w.out, s...) }

func (w *stateWriter) addf(format string, args ...any) { w.out = fmt.Appendf(w.out, format, args...) }

// styles writes the stack of XTPUSHSGR.
func (w *stateWriter) styles() {
	for _, s := range w.t.styles {
		w.style(stateStyle{fg: s.pen.fg, bg: s.pen.bg, ul: s.pen.ul, attr: s.pen.attr &^ protected})
		w.add("\x1b[")
		if !s.all {
			w.add("0") // is no part, but none at all would mean all
			for n := range 10 {
				if a := savedAttrs[n]; s.attrs&a != 0 {
					w.addf(";%d", n)
				}
			}
			if s.fg {
				w.add(";30")
			}
			if s.bg {
				w.add(";31")
			}
		}
		w.add("#{")
	}
}

// titles writes the titles there were before, which a child may ask for again, and the one there is.
func (w *stateWriter) titles() {
	for _, title := range w.t.titles {
		w.add("\x1b]2;" + title + "\x1b\\\x1b[22;2t")
	}
	if w.t.title != "" || len(w.t.titles) > 0 {
		w.add("\x1b]2;" + w.t.title + "\x1b\\")
	}
}

// colors writes what the child changed of the colours.
func (w *stateWriter) colors() {
	if p := w.t.palette.colors; p != nil {
		for i, c := range p {
			if c != 0 {
				w.addf("\x1b]4;%d;%s\x1b\\", i, colorSpec(c))
			}
		}
	}
	for i, c := range w.t.palette.dynamic {
		if c != 0 {
			w.addf("\x1b]%d;%s\x1b\\", 10+i, colorSpec(c))
		}
	}
}

// tabs writes the tab stops, unless they are where they are at first.
func (w *stateWriter) tabs() {
	stops := w.t.tabs[:w.t.size.W]
	usual := true
	for x, stop := range stops {
		usual = usual && stop == (x > 0 && x%8 == 0)
	}
	if usual {
		return
	}
	w.add("\x1b[3g")
	for x, stop := range stops {
		if stop {
			w.addf("\x1b[1;%dH\x1bH", x+1)
		}
	}
}

// rows writes a screen onto a blank one. A row that goes on in the next is written so that it wraps there
// by itself: a terminal around wraps it again when its size changes.
func (w *stateWriter) rows(rows []*row) {
	at := -1 // the column the text has got to, W if a wrap is pending; -1 is not in this row
	for y, r := range rows {
		cells := r.all()
		flows := y > 0 && rows[y-1].wrapped && len(cells) > 0 && cells[0].r != 0 &&
			(at == w.t.size.W || at == w.t.size.W-1 && cells[0].attr&wide != 0)
		if !flows {
			at = -1
		}
		at = w.row(cells, y, at)
	}
	w.style(stateStyle{})
}

// row writes a row and returns the column it has got to. from is -1 if the cursor is elsewhere.
func (w *stateWriter) row(cells []cell, y, from int) int {
	at := from
	if from >= w.t.size.W-1 {
		at = 0 // it wraps
	}
	for x := 0; x < len(cells); {
		c := cells[x]
		n := 1
		if c.r == 0 {
			for x+n < len(cells) && cells[x+n] == c {
				n++
			}
			if c.bg != 0 {
				w.seek(x, y, &at)
				w.style(stateStyle{bg: c.bg})
				w.addf("\x1b[%dX", n)
			}
			w.blanks(c, x, y, n)
		} else {
			if c.attr&wide != 0 {
				n = 2
			}
			w.seek(x, y, &at)
			w.style(w.styleOf(&c))
			w.out = w.t.appendText(w.out, &c)
			at = x + n
		}
		x += n
	}
	return at
}

// blanks writes the attributes of n cells without a character, which only DECCARA and DECRARA give them.
func (w *stateWriter) blanks(c cell, x, y, n int) {
	if c.attr == 0 {
		return
	}
	w.addf("\x1b[2*x\x1b[%d;%d;%d;%d", y+1, x+1, y+1, x+n)
	for _, v := range []int{1, 4, 5, 7, 8} {
		if c.attr&savedAttrs[v] != 0 {
			w.addf(";%d", v)
		}
	}
	w.add("$r\x1b[*x")
}

// seek puts the cursor into column x of row y, if it is not there.
func (w *stateWriter) seek(x, y int, at *int) {
	switch {
	case *at == x:
	case *at < 0:
		w.addf("\x1b[%d;%dH", y+1, x+1)
	default:
		w.addf("\x1b[%dG", x+1)
	}
	*at = x
}

// styleOf returns the style of a cell.
func (w *stateWriter) styleOf(c *cell) stateStyle {
	e := w.t.extras.value(int(c.extra))
	return stateStyle{fg: c.fg, bg: c.bg, ul: e.ul, attr: c.attr &^ widthMask, link: e.link}
}

// style makes the pen another one.
func (w *stateWriter) style(s stateStyle) {
	if s == w.now {
		return
	}
	plain := func(s stateStyle) stateStyle {
		s.attr, s.link = s.attr&^protected, ""
		return s
	}
	if p := plain(s); p != plain(w.now) {
		w.out = appendStyle(w.out, cell{ink: ink{fg: p.fg, bg: p.bg, attr: p.attr}}, p.ul, true)
	}
	if s.attr&protected != w.now.attr&protected {
		n := 0
		if s.attr&protected != 0 {
			n = 1
		}
		w.addf("\x1b[%d\"q", n)
	}
	if s.link != w.now.link {
		w.add("\x1b]8;;" + s.link + "\x1b\\")
	}
	w.now = s
}

// charsets designates and invokes character sets.
func (w *stateWriter) charsets(c charsets) {
	c.single = 0
	for i, set := range c.g {
		if set != w.sets.g[i] {
			w.national(set)
			w.add("\x1b" + "()*+"[i:i+1] + set.name())
		}
	}
	if c.gl != w.sets.gl {
		w.add([]string{"\x0f", "\x0e", "\x1bn", "\x1bo"}[c.gl])
	}
	w.sets = c
}

// national makes sure that a set can be designated.
func (w *stateWriter) national(set charset) {
	if set > charsetUK && !w.nrcm {
		w.private(42, true)
		w.nrcm = true
	}
}

// originMode is DECOM, which moves the cursor home.
func (w *stateWriter) originMode(on bool) {
	if on != w.origin {
		w.private(6, on)
		w.origin = on
	}
}

func (w *stateWriter) private(mode int, on bool) {
	w.out = strconv.AppendInt(append(w.out, "\x1b[?"...), int64(mode), 10)
	if on {
		w.out = append(w.out, 'h')
	} else {
		w.out = append(w.out, 'l')
	}
}

// neutral makes what place changes as in a fresh terminal, but for the place.
func (w *stateWriter) neutral() {
	w.charsets(charsets{})
	w.originMode(false)
	w.style(stateStyle{})
}

// place puts the cursor of a screen where it is, with what it writes. A wrap is pending once the character
// it stands on is written again; where that has been erased meanwhile it is lost.
func (w *stateWriter) place(screen *screen, s saved) {
	size, m := w.t.size, margins{right: w.t.size.W - 1}
	if w.framed {
		m = w.t.margins
	}
	w.originMode(s.origin)
	left, top := 0, 0
	if s.origin {
		left, top = m.left, m.top
	}
	x, y := min(s.x, size.W-1), min(s.y, size.H-1)
	cells := screen.rows[y].all()
	if c := cellAt(cells, x); s.pending && (x == m.right || x == size.W-1) && (c.r != 0 || c.isTail()) {
		if c.isTail() {
			x--
			c = cells[x]
		}
		w.addf("\x1b[%d;%dH", y-top+1, x-left+1)
		w.style(w.styleOf(&c))
		w.out = w.t.appendText(w.out, &c)
	} else {
		w.addf("\x1b[%d;%dH", y-top+1, x-left+1)
	}
	w.style(stateStyle{fg: s.pen.fg, bg: s.pen.bg, ul: s.pen.ul, attr: s.pen.attr, link: s.pen.link})
	w.charsets(s.charsets)
}

// kitty writes the enhancements of the keyboard on the screen that is shown, and those before them.
func (w *stateWriter) kitty(s kittyStack) {
	entries := append(s.saved[:s.n:s.n], s.now)
	if entries[0] != 0 {
		w.addf("\x1b[=%d;1u", entries[0])
	}
	for _, flags := range entries[1:] {
		w.addf("\x1b[>%du", flags)
	}
}

// cellAt returns a cell of a row, a blank one where there is none.
func cellAt(cells []cell, x int) cell {
	if x < len(cells) {
		return cells[x]
	}
	return cell{}
}

// margins writes the scrolling region and the columns it spans.
func (w *stateWriter) margins() {
	t := w.t
	w.framed = true
	if t.columns {
		w.private(69, true)
		if !t.fullWidth() {
			w.addf("\x1b[%d;%ds", t.margins.left+1, t.margins.right+1)
		}
	}
	if t.margins.top != 0 || t.margins.bottom != t.size.H-1 {
		w.addf("\x1b[%d;%dr", t.margins.top+1, t.margins.bottom+1)
	}
}

// stateModes are the private modes that State writes, where they are not as at first. That of synchronized
// output is not among them: it comes last.
var stateModes = [...]int{1, 5, 7, 25, 45, 66, 67, 9, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2004, 2031, 2048}

// modes writes the modes.
func (w *stateWriter) modes() {
	t := w.t
	fresh := New(Size{W: 1, H: 1}, Options{History: -1})
	for _, mode := range stateModes {
		on, _ := t.mode(mode)
		if usual, _ := fresh.mode(mode); on != usual {
			w.private(mode, on)
		}
	}
	if t.rectangles {
		w.add("\x1b[2*x")
	}
	if t.insert {
		w.add("\x1b[4h")
	}
	if t.modes.Newline {
		w.add("\x1b[20h")
	}
	if t.modes.ModifyOther != 0 {
		w.addf("\x1b[>4;%dm", t.modes.ModifyOther)
	}
	if t.modes.FormatOther {
		w.add("\x1b[>4;1f")
	}
	if t.shape != 0 {
		w.addf("\x1b[%d q", t.shape)
	}
}
