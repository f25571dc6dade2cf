package term

// charset is one of the character sets a child can put into G0 to G3.
type charset uint8

const (
	charsetASCII charset = iota
	charsetDEC           // line drawing
	charsetUK            // # is the pound sign
)

// decGraphics is the DEC special graphics set from 0x5f on.
var decGraphics = [...]rune{
	' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼',
	'⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
}

func (c charset) rune(b byte) rune {
	switch {
	case c == charsetDEC && b >= 0x5f && b < 0x7f:
		return decGraphics[b-0x5f]
	case c == charsetUK && b == '#':
		return '£'
	}
	return rune(b)
}

// final returns the letter of the escape sequence that names the set.
func (c charset) final() byte {
	switch c {
	case charsetDEC:
		return '0'
	case charsetUK:
		return 'A'
	}
	return 'B'
}

// charsets is the state of ISO 2022 shifts.
type charsets struct {
	g      [4]charset
	gl     uint8 // the one in use
	single uint8 // the one for the next character only, 0 for none: SS2 and SS3 are 2 and 3
}

func (c *charsets) plain() bool { return c.single == 0 && c.g[c.gl] == charsetASCII }

// next returns the set for the next character.
func (c *charsets) next() charset {
	set := c.g[c.gl]
	if c.single != 0 {
		set, c.single = c.g[c.single], 0
	}
	return set
}

// designate puts the set an escape sequence names into G0 to G3, those unknown as ASCII.
func (c *charsets) designate(slot int, final byte) {
	set := charsetASCII
	switch final {
	case '0', '2':
		set = charsetDEC
	case 'A':
		set = charsetUK
	}
	c.g[slot] = set
}
