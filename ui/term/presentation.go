package term

import (
	"fmt"
	"strconv"
	"strings"
)

// reportPresentation is DECRQPSR, CSI Ps $ w: the cursor and what goes with it (DECCIR) or the tab stops
// (DECTABSR), as the VT420 writes them. They cannot be given back (DECRSPS): nobody does.
func (t *Terminal) reportPresentation(what int) {
	switch what {
	case 1:
		t.reply("\x1bP1$u" + t.cursorInformation() + "\x1b\\")
	case 2:
		var stops []string
		for x, set := range t.tabs[:t.size.W] {
			if set {
				stops = append(stops, strconv.Itoa(x+1))
			}
		}
		t.reply("\x1bP2$u" + strings.Join(stops, "/") + "\x1b\\")
	}
}

// cursorInformation is the data of DECCIR: row, column, page, attributes, protection, flags, the sets in GL
// and GR, their sizes and names. Bits are in characters from @ on.
func (t *Terminal) cursorInformation() string {
	bits := func(on ...bool) byte {
		c := byte('@')
		for i, b := range on {
			if b {
				c |= 1 << i
			}
		}
		return c
	}
	a, cs := t.pen.attr, &t.charsets
	var names strings.Builder
	for _, set := range cs.g {
		names.WriteString(set.name())
	}
	return fmt.Sprintf("%d;%d;1;%c;%c;%c;%d;2;@;%s", t.line()+1, t.column()+1,
		bits(a&bold != 0, a.underline() != UnderlineNone, a&blink != 0, a&reverse != 0),
		bits(a&protected != 0),
		bits(t.origin, cs.single == 2, cs.single == 3, t.pending),
		cs.gl, names.String())
}
