package term

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// osc does what an operating system command says.
func (t *Terminal) osc(data []byte) {
	head, rest, _ := bytes.Cut(data, []byte(";"))
	number, err := strconv.Atoi(string(head))
	if err != nil || number < 0 {
		return
	}
	switch number {
	case 0, 2:
		t.setTitle(clean(string(rest[:min(len(rest), 4*maxTitle)]), maxTitle))
	case 4:
		t.setPalette(string(rest))
	case 7:
		t.setDirectory(string(rest))
	case 8:
		t.setLink(string(rest))
	case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19:
		t.setDynamic(number, string(rest))
	case 52:
		t.setClipboard(string(rest))
	case 104:
		t.resetPalette(string(rest))
	case 110, 111, 112, 113, 114, 115, 116, 117, 118, 119:
		t.palette.dynamic[number-110] = 0
	case 133:
		if len(rest) > 0 && rest[0] >= 'A' && rest[0] <= 'D' {
			t.event(Event{Kind: EventPrompt, Text: string(rest[0])})
			t.mark(rest[0])
		}
	}
}

// replyOSC queues an answer that ends as the question did.
func (t *Terminal) replyOSC(s string) {
	end := "\x1b\\"
	if t.parser.bell {
		end = "\x07"
	}
	t.reply("\x1b]" + s + end)
}

// clean returns s without what could steer a terminal or turn the direction of text, at most limit
// bytes of whole characters.
func clean(s string, limit int) string {
	var b strings.Builder
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (t *Terminal) setTitle(title string) {
	if title != t.title {
		t.title = title
		t.event(Event{Kind: EventTitle, Text: title})
	}
}

// setDirectory is OSC 7: a file URL, of which the path is kept.
func (t *Terminal) setDirectory(text string) {
	if len(text) > maxLink {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return
	}
	t.event(Event{Kind: EventDirectory, Text: clean(u.Path, maxLink)})
}

// setLink is OSC 8; a target that is too long is none.
func (t *Terminal) setLink(text string) {
	_, target, ok := strings.Cut(text, ";")
	if !ok {
		return
	}
	t.pen.link = ""
	if len(target) <= maxLink {
		t.pen.link = clean(target, maxLink)
	}
	t.setExtra()
}

// setClipboard is OSC 52 as an event. Asking for the clipboard is not answered.
func (t *Terminal) setClipboard(text string) {
	_, payload, ok := strings.Cut(text, ";")
	if !ok || payload == "?" {
		return
	}
	raw, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return
	}
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, string(raw))
	t.event(Event{Kind: EventClipboard, Text: text})
}

// palette is what the child changed of the colours; zero is unchanged.
type palette struct {
	colors  *[256]color
	dynamic [10]color // of OSC 10 to 19: foreground, background, cursor, and what nothing is drawn with
}

// setPalette is OSC 4: pairs of a number and a colour to set or "?".
func (t *Terminal) setPalette(text string) {
	fields := strings.Split(text, ";")
	for i := 0; i+1 < len(fields); i += 2 {
		n, err := strconv.Atoi(fields[i])
		if err != nil || n < 0 || n > 255 {
			continue
		}
		if fields[i+1] == "?" {
			t.replyOSC(fmt.Sprintf("4;%d;%s", n, colorSpec(t.paletteRGB(n))))
		} else if c, ok := parseColor(fields[i+1]); ok {
			if t.palette.colors == nil {
				t.palette.colors = new([256]color)
			}
			t.palette.colors[n] = c
		}
	}
}

// resetPalette is OSC 104: the given numbers, or all.
func (t *Terminal) resetPalette(text string) {
	if text == "" || t.palette.colors == nil {
		t.palette.colors = nil
		return
	}
	for field := range strings.SplitSeq(text, ";") {
		if n, err := strconv.Atoi(field); err == nil && n >= 0 && n <= 255 {
			t.palette.colors[n] = 0
		}
	}
}

// setDynamic is OSC 10 to 19: each further value is for the next number.
func (t *Terminal) setDynamic(number int, text string) {
	for spec := range strings.SplitSeq(text, ";") {
		if number > 19 {
			return
		}
		if spec == "?" {
			t.replyOSC(fmt.Sprintf("%d;%s", number, colorSpec(t.dynamicRGB(number-10))))
		} else if c, ok := parseColor(spec); ok {
			t.palette.dynamic[number-10] = c
		}
		number++
	}
}

func (t *Terminal) dynamicRGB(i int) color {
	if c := t.palette.dynamic[i]; c != 0 {
		return c
	}
	c := t.opts.Foreground
	switch i + 10 {
	case 11, 14, 16, 19: // backgrounds, and what is highlighted, which is reversed
		c = t.opts.Background
	}
	return rgbColor(int(c.R), int(c.G), int(c.B))
}

// ansiColors are xterm's first sixteen colours.
var ansiColors = [16]color{
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
}

// paletteRGB returns a colour of the palette: what the child set, else xterm's.
func (t *Terminal) paletteRGB(n int) color {
	if p := t.palette.colors; p != nil && p[n] != 0 {
		return p[n]
	}
	switch {
	case n < 16:
		return colorRGB | ansiColors[n]
	case n < 232:
		level := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		n -= 16
		return rgbColor(level(n/36), level(n/6%6), level(n%6))
	}
	gray := 8 + 10*(n-232)
	return rgbColor(gray, gray, gray)
}

// colorSpec writes a colour as XParseColor reads it.
func colorSpec(c color) string {
	p := c.public()
	return fmt.Sprintf("rgb:%02x%02x/%02x%02x/%02x%02x", p.R, p.R, p.G, p.G, p.B, p.B)
}

// parseColor reads #RGB, #RRGGBB and rgb:R/G/B with one to four digits each. Names are not known.
func parseColor(s string) (color, bool) {
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		n := len(hex) / 3
		if len(hex)%3 != 0 || n < 1 || n > 4 {
			return 0, false
		}
		s = "rgb:" + hex[:n] + "/" + hex[n:2*n] + "/" + hex[2*n:]
	}
	spec, ok := strings.CutPrefix(s, "rgb:")
	fields := strings.Split(spec, "/")
	if !ok || len(fields) != 3 {
		return 0, false
	}
	var v [3]int
	for i, f := range fields {
		n, err := strconv.ParseUint(f, 16, 16)
		if err != nil || len(f) > 4 {
			return 0, false
		}
		v[i] = int(n) * 255 / (1<<(4*len(f)) - 1)
	}
	return rgbColor(v[0], v[1], v[2]), true
}
