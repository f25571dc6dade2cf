package term

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// generator turns the bytes of a fuzzer into what a child might print: sequences that are well formed
// but have values nobody would send, and text of all kinds between them.
type generator struct {
	data []byte
	size Size
}

// next returns the next byte of the fuzzer, 0 at the end.
func (g *generator) next() byte {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return b
}

// pick returns one of the choices.
func (g *generator) pick(choices []string) string { return choices[int(g.next())%len(choices)] }

var (
	generatedTexts = []string{
		"a", "word ", "0123456789abcdef", "日", "日本語日本語", "é", "e\u0301", "\u0301", "\u200d", "👨\u200d👩\u200d👧", "\U0001F1E9\U0001F1EA",
		"☎\ufe0f", "\u202eabc", "\u2066", "\u1112\u1161\u11ab", "\u1160", "\U000e0041", "\u0903", "\u0e33", "\u0600", "\u00ad", "\ufdfd", "\u115f", "\ufe0f",
		"\xff\xfe", "\xe6\x97", "\xf0\x9f", "\u0085", "\u009b", "\ufffd", "\u0000", "\u1f3f", "\U0001F3FB", "\u20e3", "1\ufe0f\u20e3", "\u2028",
	}
	generatedControls = []string{
		"\a", "\b", "\t", "\n", "\v", "\f", "\r", "\x0e", "\x0f", "\x18", "\x1a", "\x7f", "\x1b", "\x1b\\", "\x05", "\r\n",
	}
	generatedEscapes = []string{
		"6", "7", "8", "9", "=", ">", "D", "E", "H", "M", "N", "O", "V", "W", "Z", "c", "n", "o", "~", "}", "|",
		"#8", "#3", "(0", "(B", ")0", "*A", "+0", "%G", "%@", " F", "$)C", "(%5", "(C", "(K", ")4", "*=", "+`", "(<", "(>", "-A", "(Y", "l", "m", "(%6", "#6",
	}
	generatedFinals = "@ABCDEFGHIJKLMPSTXZ^`abcdefghijklmnpqrstuvwxyz{|}~"
	generatedModes  = []string{
		"1", "2", "3", "4", "5", "6", "7", "8", "9", "12", "20", "25", "40", "45", "47", "66", "67", "69", "80", "1000", "1001", "1002", "1003", "1004",
		"1005", "1006", "1007", "1015", "1016", "1034", "1045", "1047", "1048", "1049", "2004", "2026", "2027", "2031", "2048", "42", "1010", "1035", "1043", "80", "95",
	}
	generatedNumbers = []string{
		"", "0", "1", "2", "3", "4", "5", "7", "9", "13", "31", "38", "48", "58", "100", "255", "256", "999", "9999", "65535", "65536", "2147483647",
		"2147483648", "4294967295", "99999999999999999999", "-1", "00000000000000000001",
	}
	generatedCommands = []string{
		"0", "1", "2", "4", "5", "7", "8", "9", "10", "11", "12", "13", "17", "19", "22", "50", "52", "99", "104", "105", "110", "111", "112", "117", "133",
		"633", "777", "1337", "-1", "", "99999999999999999999",
	}
	generatedPayloads = []string{
		"", "?", "title", "\u202etitle\u2066", "1;#f00", "1;?;2;?;300;?", "0;rgb:1/22/333;1;#123456789", "id=x:a=b;http://x/", ";file:///etc/passwd\u009b31m",
		"file://host/tmp/a%0ab", "c;?", "A", "B", "C", "D;1", "A;cl=m;aid=1", "#12", "rgb:ffff/0/", "?;?;?;?", "=c;", "\xff\xfe\xfd",
	}
	generatedStrings = []string{"$qm", "$qr", "$qs", "$q q", "$q\"p", "$qt", "$q*|", "+q544e;436f;zz", "+q", "+p", "1$r", "1000p", "0;0;0|17/41", "q#0~", "!zhello"}
)

// sequence returns the next thing a child prints.
func (g *generator) sequence() string {
	switch op := g.next() % 16; op {
	case 0, 1, 2:
		return strings.Repeat(g.pick(generatedTexts), 1+int(g.next()>>3)%24)
	case 3:
		return g.pick(generatedControls)
	case 4:
		return "\x1b" + g.pick(generatedEscapes)
	case 5:
		return "\x1b[?" + g.pick(generatedModes) + ";" + g.pick(generatedModes) + g.pick([]string{"h", "h", "h", "l", "l", "r", "s", "$p"})
	case 6:
		return "\x1b[" + g.parameters() + "m"
	case 7:
		return "\x1b]" + g.pick(generatedCommands) + ";" + g.payload() + g.pick([]string{"\a", "\x1b\\", "\u009c", "\x18", "\x1b["})
	case 8:
		return "\x1b" + g.pick([]string{"P", "P", "P", "_", "^", "X"}) + g.pick(generatedStrings) + g.payload() + g.pick([]string{"\x1b\\", "\a", "\x1a"})
	case 9:
		return g.position() + g.pick(generatedTexts)
	case 10:
		return "\x1b[" + strconv.Itoa(int(g.next())%(g.size.H+2)) + ";" + strconv.Itoa(int(g.next())%(g.size.H+2)) + "r"
	case 11:
		return "\x1b[?69h\x1b[" + strconv.Itoa(int(g.next())%(g.size.W+2)) + ";" + strconv.Itoa(int(g.next())%(g.size.W+2)) + "s"
	default:
		final := generatedFinals[int(g.next())%len(generatedFinals)]
		return "\x1b[" + g.pick([]string{"", "", "", "", "?", ">", "<", "="}) + g.parameters() + g.pick([]string{"", "", "", "", "$", " ", "!", "\"", "'", "*", "#"}) + string(final)
	}
}

// position moves the cursor somewhere on the screen, or just beyond it.
func (g *generator) position() string {
	return "\x1b[" + strconv.Itoa(int(g.next())%(g.size.H+2)) + ";" + strconv.Itoa(int(g.next())%(g.size.W+2)) + "H"
}

// parameters returns the values of a control sequence, up to more than any sequence has.
func (g *generator) parameters() string {
	shape := g.next()
	n := int(shape & 7)
	if shape == 0xff {
		n = 40
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(g.pick([]string{";", ";", ";", ":", "::"}))
		}
		if v := g.next(); v&1 == 0 {
			b.WriteString(strconv.Itoa(int(v >> 1)))
		} else {
			b.WriteString(generatedNumbers[int(v>>1)%len(generatedNumbers)])
		}
	}
	return b.String()
}

// payload returns the inside of a string.
func (g *generator) payload() string {
	switch b := g.next(); {
	case b == 0xff:
		return strings.Repeat("x", maxString+1)
	case b >= 0xf0:
		return g.pick(generatedPayloads) + strings.Repeat("ü", maxTitle)
	case b >= 0xe0:
		return ";" + base64.StdEncoding.EncodeToString([]byte(g.pick(generatedTexts)+g.pick(generatedControls)))
	case b >= 0x80:
		return g.pick(generatedPayloads) + ";x" + strconv.Itoa(int(g.next()))
	}
	return g.pick(generatedPayloads)
}
