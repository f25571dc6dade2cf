package term

import (
	"fmt"
)

// What the terminal says it is: a VT420 with selective erase, national sets, horizontal scrolling, ANSI colour and
// rectangles; by its second answer of the family of xterm.
const (
	deviceAttributes   = "\x1b[?64;6;9;21;22;28c"
	secondaryAttribute = "\x1b[>41;380;0c"
	tertiaryAttribute  = "\x1bP!|00000000\x1b\\"
	version            = "\x1bP>|nstui\x1b\\"
)

// csiQuery does the sequences with a mark other than ?.
func (t *Terminal) csiQuery(s *sequence) {
	switch {
	case s.final == 'u':
		t.kittyKeyboard(s)
	case s.private == '>' && s.final == 'm':
		t.setModifyKeys(s)
	case s.private == '>' && s.final == 'n' && s.param(0, modifyFunctionKeys) == modifyOtherKeys:
		t.modes.ModifyOther = 0
	case s.private == '>' && s.final == 'f':
		t.setFormatKeys(s)
	case s.final == 'c' && s.param(0, 0) != 0:
	case s.private == '>' && s.final == 'c':
		t.reply(secondaryAttribute)
	case s.private == '=' && s.final == 'c':
		t.reply(tertiaryAttribute)
	case s.private == '>' && s.final == 'q' && s.param(0, 0) == 0:
		t.reply(version)
	}
}

// statusReports are the answers to DSR, CSI ? Ps n, that are always the same.
var statusReports = map[int]string{
	15: "\x1b[?13n",       // no printer
	25: "\x1b[?20n",       // keys are not locked
	26: "\x1b[?27;1;0;0n", // a North American keyboard
	53: "\x1b[?50n",       // no locator
	55: "\x1b[?50n",       //
	56: "\x1b[?57;0n",     // of no kind
	62: "\x1b[0000*{",     // no room for macros
	75: "\x1b[?70n",       // no errors
	85: "\x1b[?83n",       // one session
}

// reportStatus is DSR; the private form gives its answers with the mark.
func (t *Terminal) reportStatus(s *sequence) {
	what, private := s.param(0, 0), s.private == '?'
	switch {
	case what == 5 && !private:
		t.reply("\x1b[0n")
	case what == 6 && !private:
		t.reply(fmt.Sprintf("\x1b[%d;%dR", t.line()+1, t.column()+1))
	case !private:
	case what == 6:
		t.reply(fmt.Sprintf("\x1b[?%d;%d;1R", t.line()+1, t.column()+1))
	case what == 63:
		t.reply(fmt.Sprintf("\x1bP%d!~0000\x1b\\", s.param(1, 0)))
	case what == 996:
		t.reportScheme()
	default:
		t.reply(statusReports[what])
	}
}

// reportScheme says whether the default colours are dark or light, as mode 2031 and DSR 996 have it, see
// https://contour-terminal.org/vt-extensions/color-palette-update-notifications/.
func (t *Terminal) reportScheme() {
	scheme := 1
	if t.opts.Background.Light() {
		scheme = 2
	}
	t.reply(fmt.Sprintf("\x1b[?997;%dn", scheme))
}

// reportParameters is DECREQTPARM: no parity, eight bits, 38400 baud both ways.
func (t *Terminal) reportParameters(n int) {
	t.reply(fmt.Sprintf("\x1b[%d;1;1;128;128;1;0x", n+2))
}

// reportMode is DECRQM.
func (t *Terminal) reportMode(s *sequence) {
	mode, mark := s.param(0, 0), ""
	var on, known bool
	var value int
	switch s.private {
	case '?':
		mark = "?"
		value = fixedModes[mode]
		on, known = t.mode(mode)
	case 0:
		on, value, known = t.ansiMode(mode)
	default:
		return
	}
	switch {
	case value != 0 || !known:
	case on:
		value = 1
	default:
		value = 2
	}
	t.reply(fmt.Sprintf("\x1b[%s%d;%d$y", mark, mode, value))
}

// cellPixels is how large a cell is said to be. What it is cannot be known: the terminal around may be of
// any font, or of none. Programs divide by it, so it is not 0.
var cellPixels = Size{W: 8, H: 16}

// reportSize is the in-band notification of a size in cells and pixels.
func (t *Terminal) reportSize() {
	t.reply(fmt.Sprintf("\x1b[48;%d;%d;%d;%dt", t.size.H, t.size.W, t.size.H*cellPixels.H, t.size.W*cellPixels.W))
}

// windowOp is CSI t: reports of sizes, and the stack of titles. The title itself is not reported: it is text
// of the child's choice that would arrive as if it was typed. The window is not the child's to move, resize
// or hide.
func (t *Terminal) windowOp(s *sequence) {
	h, w := t.size.H, t.size.W
	switch what := s.param(0, 0); what {
	case 11:
		t.reply("\x1b[1t")
	case 13:
		t.reply("\x1b[3;0;0t")
	case 14, 15:
		t.reply(fmt.Sprintf("\x1b[%d;%d;%dt", what-10, h*cellPixels.H, w*cellPixels.W))
	case 16:
		t.reply(fmt.Sprintf("\x1b[6;%d;%dt", cellPixels.H, cellPixels.W))
	case 18, 19:
		t.reply(fmt.Sprintf("\x1b[%d;%d;%dt", what-10, h, w))
	case 22:
		if s.param(1, 0) != 1 && len(t.titles) < maxTitles {
			t.titles = append(t.titles, t.title)
		}
	case 23:
		if n := len(t.titles); s.param(1, 0) != 1 && n > 0 {
			t.setTitle(t.titles[n-1])
			t.titles = t.titles[:n-1]
		}
	}
}
