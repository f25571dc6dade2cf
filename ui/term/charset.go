package term

import "strings"

// charset is one of the character sets a child can put into G0 to G3.
type charset uint8

const (
	charsetASCII charset = iota
	charsetDEC           // line drawing
	charsetUK            // # is the pound sign
	charsetFinnish
	charsetSwedish
	charsetGerman
	charsetFrenchCanadian
	charsetFrench
	charsetItalian
	charsetSpanish
	charsetDutch
	charsetSwiss
	charsetNorwegian
)

// decGraphics is the DEC special graphics set from 0x5f on.
var decGraphics = [...]rune{
	' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼',
	'⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
}

// nationalASCII are the characters that national sets replace, and nationalSets by what, in this order: the
// national replacement character sets of the VT220, as the VT520's manual (EK-VT520-RM, 7) has them.
const nationalASCII = "#@[\\]^_`{|}~"

var nationalSets = map[charset][]rune{
	charsetFinnish:        []rune("#@ÄÖÅÜ_éäöåü"),
	charsetSwedish:        []rune("#ÉÄÖÅÜ_éäöåü"),
	charsetGerman:         []rune("#§ÄÖÜ^_`äöüß"),
	charsetFrenchCanadian: []rune("#àâçêî_ôéùèû"),
	charsetFrench:         []rune("£à°ç§^_`éùè¨"),
	charsetItalian:        []rune("£§°çé^_ùàòèì"),
	charsetSpanish:        []rune("£§¡Ñ¿^_`°ñç~"),
	charsetDutch:          []rune("£¾ĳ½|^_`¨ƒ¼´"),
	charsetSwiss:          []rune("ùàéçêîèôäöüû"),
	charsetNorwegian:      []rune("#ÄÆØÅÜ_äæøåü"),
}

// charsetNames are the sets by what designates them.
var charsetNames = map[byte]charset{
	'B': charsetASCII, '0': charsetDEC, '2': charsetDEC, 'A': charsetUK,
	'C': charsetFinnish, '5': charsetFinnish, 'H': charsetSwedish, '7': charsetSwedish, 'K': charsetGerman,
	'Q': charsetFrenchCanadian, '9': charsetFrenchCanadian, 'R': charsetFrench, 'f': charsetFrench,
	'Y': charsetItalian, 'Z': charsetSpanish, '4': charsetDutch, '=': charsetSwiss,
	'`': charsetNorwegian, 'E': charsetNorwegian, '6': charsetNorwegian,
}

func (c charset) rune(b byte) rune {
	switch {
	case c == charsetDEC && b >= 0x5f && b < 0x7f:
		return decGraphics[b-0x5f]
	case c == charsetUK && b == '#':
		return '£'
	case c > charsetUK:
		if i := strings.IndexByte(nationalASCII, b); i >= 0 {
			return nationalSets[c][i]
		}
	}
	return rune(b)
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

// designate puts the set an escape sequence names into G0 to G3, those unknown as ASCII. National ones but
// the British are only there in DECNRCM.
func (c *charsets) designate(slot int, final byte, national bool) {
	set := charsetNames[final]
	if set > charsetUK && !national {
		set = charsetASCII
	}
	c.g[slot] = set
}

// name returns what designates a set.
func (c charset) name() string { return "B0ACHKQRYZ4=`"[c : c+1] }
