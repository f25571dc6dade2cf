package term

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// MouseButton is what a mouse event is about.
type MouseButton uint8

// The buttons, and the wheel, which has presses only.
const (
	MouseNone MouseButton = iota // motion without a button
	MouseLeft
	MouseMiddle
	MouseRight
	WheelUp
	WheelDown
	WheelLeft
	WheelRight
	MouseBackward
	MouseForward
)

// MouseAction is what happened to the button.
type MouseAction uint8

// The actions.
const (
	MousePress MouseAction = iota
	MouseRelease
	MouseMotion
)

// Mouse is a mouse event in a cell of the screen, counted from 0.
type Mouse struct {
	X, Y   int
	Button MouseButton
	Action MouseAction
	Mod    Mod // shift, alt and ctrl
}

// mouseCodes are xterm's numbers of the buttons.
var mouseCodes = [...]int{
	MouseNone: 3, MouseLeft: 0, MouseMiddle: 1, MouseRight: 2,
	WheelUp: 64, WheelDown: 65, WheelLeft: 66, WheelRight: 67,
	MouseBackward: 128, MouseForward: 129,
}

// EncodeMouse returns the report of a mouse event, and nil if the modes do not ask for it.
func EncodeMouse(ev Mouse, m Modes) []byte {
	if ev.X < 0 || ev.Y < 0 || int(ev.Button) >= len(mouseCodes) || !m.wantsMouse(ev) {
		return nil
	}
	code := mouseCodes[ev.Button]
	if m.Mouse != MouseX10 {
		if ev.Mod&ModShift != 0 {
			code += 4
		}
		if ev.Mod&(ModAlt|ModMeta) != 0 {
			code += 8
		}
		if ev.Mod&ModCtrl != 0 {
			code += 16
		}
	}
	if ev.Action == MouseMotion {
		code += 32
	}
	pixels := m.MouseFormat == MousePixels
	if m.MouseSGR || pixels {
		x, y := ev.X+1, ev.Y+1
		if pixels && !m.MouseSGR {
			x, y = ev.X*cellPixels.W+cellPixels.W/2+1, ev.Y*cellPixels.H+cellPixels.H/2+1 // its middle
		}
		final := byte('M')
		if ev.Action == MouseRelease {
			final = 'm'
		}
		return append(appendNumbers([]byte("\x1b[<"), code, x, y), final)
	}
	if ev.Action == MouseRelease {
		code = code&^3&^0xc0 | 3 // which button it was is not told
	}
	switch m.MouseFormat {
	case MouseUrxvt:
		return append(appendNumbers([]byte("\x1b["), code+32, ev.X+1, ev.Y+1), 'M')
	case MouseUTF8:
		if ev.X > 2014 || ev.Y > 2014 {
			return nil // of two bytes at most
		}
		out := utf8.AppendRune([]byte("\x1b[M"), rune(32+code))
		return utf8.AppendRune(utf8.AppendRune(out, rune(33+ev.X)), rune(33+ev.Y))
	}
	if ev.X > 222 || ev.Y > 222 || code > 222 {
		return nil // does not fit into a byte
	}
	return []byte{0x1b, '[', 'M', byte(32 + code), byte(33 + ev.X), byte(33 + ev.Y)}
}

// appendNumbers writes numbers with semicolons between them.
func appendNumbers(dst []byte, numbers ...int) []byte {
	for i, n := range numbers {
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	return dst
}

// wantsMouse reports whether the mouse mode asks for the event.
func (m Modes) wantsMouse(ev Mouse) bool {
	wheel := ev.Button >= WheelUp && ev.Button <= WheelRight
	switch {
	case m.Mouse == MouseOff, wheel && ev.Action != MousePress:
		return false
	case ev.Action == MouseMotion:
		return m.Mouse == MouseAny || m.Mouse == MouseDrag && ev.Button != MouseNone
	case ev.Button == MouseNone:
		return false
	case m.Mouse == MouseX10:
		return ev.Action == MousePress && !wheel
	}
	return true
}

// EncodeFocus returns the report of a focus change, and nil if it is not wanted.
func EncodeFocus(in bool, m Modes) []byte {
	switch {
	case !m.Focus:
		return nil
	case in:
		return []byte("\x1b[I")
	}
	return []byte("\x1b[O")
}

// EncodePaste returns what pasting text sends: newlines as the enter key, no control characters but
// tabs and nothing that is not UTF-8, so that no sequence can be part of it and the end of bracketed
// paste least of all. What is left out must not join what was around it: so it is looked at by
// characters, never by bytes. The brackets are there only if the child asked for them.
func EncodePaste(text string, m Modes) []byte {
	const begin, end = "\x1b[200~", PasteEnd
	text = strings.ReplaceAll(text, end, "")
	text = strings.ReplaceAll(text, "\r\n", "\r")
	out := make([]byte, 0, len(begin)+len(text)+len(end))
	if m.BracketedPaste {
		out = append(out, begin...)
	}
	for i, r := range text {
		switch {
		case r == '\n':
			out = append(out, '\r')
		case r == '\t', r == '\r', r >= 0x20 && r < 0x7f:
			out = append(out, byte(r))
		case r < 0xa0, r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	if m.BracketedPaste {
		out = append(out, end...)
	}
	return out
}

// PasteEnd is what a bracketed paste ends with.
const PasteEnd = "\x1b[201~"
