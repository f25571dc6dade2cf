package term

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// dcs answers the two kinds of device control strings that ask something.
func (t *Terminal) dcs(s *sequence, data []byte) {
	switch {
	case s.is(0, '$') && s.final == 'q':
		t.reportSetting(string(data))
	case s.is(0, '+') && s.final == 'q':
		t.reportCapabilities(string(data))
	}
}

// defaultLevel is what DECSCL has before the child changes it: a VT420.
const defaultLevel = 64

// setLevel is DECSCL, which resets what DECSTR does. The answers are of seven bits at every level: those of
// eight would be no UTF-8.
func (t *Terminal) setLevel(level int) {
	if level >= 61 && level <= defaultLevel {
		t.softReset()
		t.level = level
	}
}

// reportSetting is DECRQSS.
func (t *Terminal) reportSetting(what string) {
	var value string
	switch what {
	case "m":
		value = "0"
		style := string(appendStyle(nil, t.pen.cell(0), t.pen.ul, false))
		if style = strings.TrimSuffix(strings.TrimPrefix(style, "\x1b["), "m"); style != "" {
			value += ";" + style
		}
	case "r":
		value = fmt.Sprintf("%d;%d", t.margins.top+1, t.margins.bottom+1)
	case "s":
		value = fmt.Sprintf("%d;%d", t.margins.left+1, t.margins.right+1)
	case " q":
		value = strconv.Itoa(t.shape)
	case "\"p":
		value = strconv.Itoa(t.level) + ";1"
	case "\"q":
		value = "0"
		if t.pen.attr&protected != 0 {
			value = "1"
		}
	case "*x":
		value = "1"
		if t.rectangles {
			value = "2"
		}
	case "t", "*|":
		value = strconv.Itoa(t.size.H)
	case "$|":
		value = strconv.Itoa(t.size.W)
	case "$}", "$~": // there is no status line
		value = "0"
	default:
		t.reply("\x1bP0$r\x1b\\")
		return
	}
	t.reply("\x1bP1$r" + value + what + "\x1b\\")
}

// capabilities are what XTGETTCAP tells beside the keys. The empty ones are flags. There is none for the
// clipboard, which is nothing for the child.
var capabilities = map[string]string{
	"TN":     "xterm-256color",
	"name":   "xterm-256color",
	"Co":     "256",
	"colors": "256",
	"RGB":    "8",
	"Tc":     "",
	"Su":     "",
	"Ss":     "\x1b[%p1%d q",
	"Se":     "\x1b[2 q",
	"Smulx":  "\x1b[4:%p1%dm",
	"Setulc": "\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m",
	"Sync":   "\x1b[?2026%?%p1%{1}%-%tl%eh%;",
}

// capabilityKeys are the names of keys, of terminfo and of termcap.
var capabilityKeys = map[string]Key{
	"kcuu1": {Code: KeyUp}, "kcud1": {Code: KeyDown}, "kcuf1": {Code: KeyRight}, "kcub1": {Code: KeyLeft},
	"khome": {Code: KeyHome}, "kend": {Code: KeyEnd}, "kich1": {Code: KeyInsert}, "kdch1": {Code: KeyDelete},
	"kpp": {Code: KeyPageUp}, "knp": {Code: KeyPageDown}, "kbs": {Code: KeyBackspace}, "kent": {Code: KeyKPEnter},
	"kcbt": {Code: KeyTab, Mod: ModShift}, "kf1": {Code: KeyF1}, "kf2": {Code: KeyF2}, "kf3": {Code: KeyF3},
	"kf4": {Code: KeyF4}, "kf5": {Code: KeyF5}, "kf6": {Code: KeyF6}, "kf7": {Code: KeyF7}, "kf8": {Code: KeyF8},
	"kf9": {Code: KeyF9}, "kf10": {Code: KeyF10}, "kf11": {Code: KeyF11}, "kf12": {Code: KeyF12},
	"kUP": {Code: KeyUp, Mod: ModShift}, "kDN": {Code: KeyDown, Mod: ModShift},
	"kRIT": {Code: KeyRight, Mod: ModShift}, "kLFT": {Code: KeyLeft, Mod: ModShift},

	"ku": {Code: KeyUp}, "kd": {Code: KeyDown}, "kr": {Code: KeyRight}, "kl": {Code: KeyLeft},
	"kh": {Code: KeyHome}, "@7": {Code: KeyEnd}, "kI": {Code: KeyInsert}, "kD": {Code: KeyDelete},
	"kP": {Code: KeyPageUp}, "kN": {Code: KeyPageDown}, "kb": {Code: KeyBackspace}, "@8": {Code: KeyKPEnter},
	"kB": {Code: KeyTab, Mod: ModShift}, "k1": {Code: KeyF1}, "k2": {Code: KeyF2}, "k3": {Code: KeyF3},
	"k4": {Code: KeyF4}, "k5": {Code: KeyF5}, "k6": {Code: KeyF6}, "k7": {Code: KeyF7}, "k8": {Code: KeyF8},
	"k9": {Code: KeyF9}, "k;": {Code: KeyF10}, "F1": {Code: KeyF11}, "F2": {Code: KeyF12},
}

// capability returns the value of one, and whether it is known.
func (t *Terminal) capability(name string) (value string, ok bool) {
	if k, ok := capabilityKeys[name]; ok {
		return string(encodeLegacy(k, t.modes)), true
	}
	value, ok = capabilities[name]
	return value, ok
}

// reportCapabilities is XTGETTCAP for names in hexadecimal: the first that is not known ends the list. What
// was not known is not repeated: it comes from the child.
func (t *Terminal) reportCapabilities(names string) {
	var out strings.Builder
	for name := range strings.SplitSeq(names, ";") {
		raw, err := hex.DecodeString(name)
		value, ok := t.capability(string(raw))
		if err != nil || !ok || out.Len() > maxReplies {
			break
		}
		if out.Len() > 0 {
			out.WriteByte(';')
		}
		out.WriteString(name)
		if value != "" {
			out.WriteString("=" + strings.ToUpper(hex.EncodeToString([]byte(value))))
		}
	}
	if out.Len() == 0 {
		t.reply("\x1bP0+r\x1b\\")
		return
	}
	t.reply("\x1bP1+r" + out.String() + "\x1b\\")
}

// refuseGraphics is XTSMGRAPHICS: there are none to be read or set.
func (t *Terminal) refuseGraphics(s *sequence) {
	item, status := s.param(0, 0), 3
	switch action := s.param(1, 0); {
	case item < 1 || item > 3:
		status = 1
	case action < 1 || action > 4:
		status = 2
	}
	t.reply(fmt.Sprintf("\x1b[?%d;%dS", item, status))
}
