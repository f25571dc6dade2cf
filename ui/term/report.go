package term

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// What the terminal says it is: a VT420 with selective erase, horizontal scrolling, ANSI colour and
// rectangles; by its second answer of the family of xterm.
const (
	deviceAttributes   = "\x1b[?64;6;21;22;28c"
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

// reportStatus is DSR; the private form gives its answers with the mark.
func (t *Terminal) reportStatus(what int, mark string) {
	switch {
	case what == 5 && mark == "":
		t.reply("\x1b[0n")
	case what == 6 && mark == "":
		t.reply(fmt.Sprintf("\x1b[%d;%dR", t.line()+1, t.column()+1))
	case what == 6:
		t.reply(fmt.Sprintf("\x1b[?%d;%d;1R", t.line()+1, t.column()+1))
	case what == 15 && mark == "?":
		t.reply("\x1b[?13n") // no printer
	case what == 25 && mark == "?":
		t.reply("\x1b[?20n") // keys are not locked
	case what == 26 && mark == "?":
		t.reply("\x1b[?27;1;0;0n") // a North American keyboard
	}
}

// reportParameters is DECREQTPARM: no parity, eight bits, 38400 baud both ways.
func (t *Terminal) reportParameters(n int) {
	t.reply(fmt.Sprintf("\x1b[%d;1;1;128;128;1;0x", n+2))
}

// reportMode is DECRQM.
func (t *Terminal) reportMode(s *sequence) {
	mode, mark := s.param(0, 0), ""
	var on, known bool
	switch s.private {
	case '?':
		mark = "?"
		on, known = t.mode(mode)
	case 0:
		on, known = mode == 4 && t.insert || mode == 20 && t.modes.Newline, mode == 4 || mode == 20
	default:
		return
	}
	value := 0
	switch {
	case known && on:
		value = 1
	case known:
		value = 2
	}
	t.reply(fmt.Sprintf("\x1b[%s%d;%d$y", mark, mode, value))
}

// reportSize is the in-band notification of a size in cells; the pixels are not known.
func (t *Terminal) reportSize() {
	t.reply(fmt.Sprintf("\x1b[48;%d;%d;0;0t", t.size.H, t.size.W))
}

// windowOp is CSI t: reports of sizes in cells, and the stack of titles. The title itself is not
// reported: it is text of the child's choice that would arrive as if it was typed.
func (t *Terminal) windowOp(s *sequence) {
	switch s.param(0, 0) {
	case 11:
		t.reply("\x1b[1t")
	case 18:
		t.reply(fmt.Sprintf("\x1b[8;%d;%dt", t.size.H, t.size.W))
	case 19:
		t.reply(fmt.Sprintf("\x1b[9;%d;%dt", t.size.H, t.size.W))
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

// dcs answers the two kinds of device control strings that ask something.
func (t *Terminal) dcs(s *sequence, data []byte) {
	switch {
	case s.is(0, '$') && s.final == 'q':
		t.reportSetting(string(data))
	case s.is(0, '+') && s.final == 'q':
		for name := range strings.SplitSeq(string(data), ";") {
			t.reportCapability(name)
		}
	}
}

// reportSetting is DECRQSS.
func (t *Terminal) reportSetting(what string) {
	var value string
	switch what {
	case "m":
		value = string(appendStyle(nil, t.pen.cell(0), t.pen.ul, false))
		value = strings.TrimSuffix(strings.TrimPrefix(value, "\x1b["), "m")
		if value == "" {
			value = "0"
		}
	case "r":
		value = fmt.Sprintf("%d;%d", t.margins.top+1, t.margins.bottom+1)
	case "s":
		value = fmt.Sprintf("%d;%d", t.margins.left+1, t.margins.right+1)
	case " q":
		value = strconv.Itoa(t.shape)
	case "\"p":
		value = "64;1"
	case "\"q":
		value = "0"
		if t.pen.attr&protected != 0 {
			value = "1"
		}
	case "t":
		value = strconv.Itoa(t.size.H)
	default:
		t.reply("\x1bP0$r\x1b\\")
		return
	}
	t.reply("\x1bP1$r" + value + what + "\x1b\\")
}

// capabilities are what XTGETTCAP tells beside the keys, which terminfo has.
var capabilities = map[string]string{
	"TN":     "xterm-256color",
	"name":   "xterm-256color",
	"Co":     "256",
	"colors": "256",
	"RGB":    "8",
	"Ss":     "\x1b[%p1%d q",
	"Se":     "\x1b[2 q",
	"Smulx":  "\x1b[4:%p1%dm",
}

// reportCapability is XTGETTCAP for one name in hexadecimal.
func (t *Terminal) reportCapability(name string) {
	raw, err := hex.DecodeString(name)
	value, ok := capabilities[string(raw)]
	if err != nil || !ok {
		t.reply("\x1bP0+r\x1b\\") // what was asked is not repeated: it comes from the child
		return
	}
	t.reply("\x1bP1+r" + name + "=" + hex.EncodeToString([]byte(value)) + "\x1b\\")
}
