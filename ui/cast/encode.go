package cast

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Header is what a recording says about itself.
type Header struct {
	Width, Height int // in cells, at the beginning
	Began         time.Time
	Title         string
	Term, Shell   string // TERM and SHELL in there
}

// NewHeader returns the header of a recording of a program with an environment, but for the size.
func NewHeader(title string, began time.Time, env []string) Header {
	return Header{Began: began, Title: title, Term: variable(env, "TERM"), Shell: variable(env, "SHELL")}
}

// variable returns the value of a variable of an environment: the first, as getenv(3) does.
func variable(env []string, name string) string {
	for _, entry := range env {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// line returns the first line of a file.
func (h *Header) line() ([]byte, error) {
	b, err := json.Marshal(struct {
		Version   int               `json:"version"`
		Width     int               `json:"width"`
		Height    int               `json:"height"`
		Timestamp int64             `json:"timestamp"`
		Title     string            `json:"title,omitempty"`
		Env       map[string]string `json:"env"`
	}{2, h.Width, h.Height, h.Began.Unix(), h.Title, map[string]string{"TERM": h.Term, "SHELL": h.Shell}})
	return append(b, '\n'), err
}

// The codes of events.
const (
	output = 'o'
	resize = 'r'
)

// appendEvent appends the line of an event. The text is UTF-8.
func appendEvent(dst []byte, at time.Duration, code byte, text []byte) []byte {
	dst = append(dst, '[')
	dst = strconv.AppendFloat(dst, at.Seconds(), 'f', 6, 64)
	dst = append(dst, ", \""...)
	dst = append(dst, code, '"', ',', ' ')
	return append(appendString(dst, text), "]\n"...)
}

// appendString appends text as JSON has it: RFC 8259, section 7.
func appendString(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
		}
	}
	return append(append(dst, text[from:]...), '"')
}

// decoder makes valid UTF-8 of output that may be cut anywhere, within a character too.
type decoder struct {
	part []byte // the start of a character
	text []byte
}

// decode returns the whole characters of what was kept and b, valid until the next call. What is none
// becomes U+FFFD.
func (d *decoder) decode(b []byte) []byte {
	d.text = append(append(d.text[:0], d.part...), b...)
	d.part = d.part[:0]
	if utf8.Valid(d.text) {
		return d.text
	}
	if n := incomplete(d.text); n > 0 {
		d.part = append(d.part, d.text[len(d.text)-n:]...)
		d.text = d.text[:len(d.text)-n]
	}
	return replaceInvalid(d.text)
}

// rest returns what is left of a character that never got whole.
func (d *decoder) rest() []byte {
	text := replaceInvalid(d.part)
	d.part = nil
	return text
}

// incomplete returns how many bytes at the end of b are the start of a character.
func incomplete(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// replaceInvalid returns b with U+FFFD for each byte that is no part of a character.
func replaceInvalid(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		out = utf8.AppendRune(out, r)
		b = b[size:]
	}
	return out
}
