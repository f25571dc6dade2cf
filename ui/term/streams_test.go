package term

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// token is a piece of a generated stream: something a program sends whole.
type token struct {
	kind string // what lists of known deviations name
	data string
	size Size // of the window after the data, if it is not zero
	keep bool // makes sense only together with others that are kept
}

// stream is what a program sends, with the resizes of its window in between.
type stream []token

func (s stream) String() string {
	var b strings.Builder
	for _, t := range s {
		if t.data != "" {
			fmt.Fprintf(&b, " %q", t.data)
		}
		if t.size != (Size{}) {
			fmt.Fprintf(&b, " <%dx%d>", t.size.W, t.size.H)
		}
	}
	return b.String()
}

// maker makes streams of what programs send in the order a program would hardly choose. The
// same seed gives the same streams.
type maker struct {
	*rand.Rand
	size Size
	omit map[string]string // kinds not to make

	inAlternate bool
}

func newMaker(seed uint64, size Size, omit map[string]string) *maker {
	return &maker{Rand: rand.New(rand.NewPCG(seed, 17)), size: size, omit: omit}
}

// kinds are the makers of tokens, each as often as its weight says.
var kinds = []struct {
	name   string
	weight int
	make   func(g *maker) string
}{
	{"text", 30, func(g *maker) string { return g.letters(1 + g.IntN(12)) }},
	{"line", 4, func(g *maker) string { return g.letters(g.size.W - 2 + g.IntN(5)) }},
	{"long", 2, func(g *maker) string { return g.letters(g.size.W*2 + g.IntN(9)) }},
	{"wide", 6, func(g *maker) string {
		return g.of("日", "本語", "한글字", "a日b", "日\u3099", "日本語日本語日本語")
	}},
	{"combining", 4, func(g *maker) string { return g.of("e\u0301", "o\u0308\u0323", "a\u20dd") }},
	{"mark", 1, func(*maker) string { return "\u0301" }},
	{"crlf", 12, func(*maker) string { return "\r\n" }},
	{"lf", 4, func(g *maker) string { return g.of("\n", "\v", "\f") }},
	{"cr", 4, func(*maker) string { return "\r" }},
	{"bs", 4, func(g *maker) string { return strings.Repeat("\b", 1+g.IntN(3)) }},
	{"tab", 4, func(*maker) string { return "\t" }},
	{"cup", 14, func(g *maker) string { return g.of(g.at("H"), g.at("H"), g.at("H"), g.at("f"), "\x1b[H") }},
	{"vertical", 6, func(g *maker) string { return g.csi(g.size.H, "A", "B", "A", "B", "E", "F") }},
	{"horizontal", 6, func(g *maker) string { return g.csi(g.size.W, "C", "D") }},
	{"absolute", 5, func(g *maker) string { return g.of(g.csi(g.size.W, "G", "`"), g.csi(g.size.H, "d")) }},
	{"relative", 2, func(g *maker) string { return g.of(g.csi(g.size.W, "a"), g.csi(g.size.H, "e")) }},
	{"excursion", 4, func(g *maker) string { return "\x1b7" + g.at("H") + g.style() + g.letters(3) + "\x1b8" }},
	{"save", 3, func(g *maker) string { return g.of("\x1b7", "\x1b[s") }},
	{"restore", 3, func(g *maker) string { return g.of("\x1b8", "\x1b[u") }},
	{"el", 8, func(g *maker) string { return g.of("\x1b[K", "\x1b[0K", "\x1b[1K", "\x1b[2K") }},
	{"ed", 4, func(g *maker) string { return g.of("\x1b[J", "\x1b[J", "\x1b[1J", "\x1b[2J") }},
	{"ech", 4, func(g *maker) string { return g.csi(g.size.W, "X") }},
	{"ich", 4, func(g *maker) string { return g.csi(9, "@") }},
	{"dch", 4, func(g *maker) string { return g.csi(9, "P") }},
	{"il", 5, func(g *maker) string { return g.csi(4, "L") }},
	{"dl", 5, func(g *maker) string { return g.csi(4, "M") }},
	{"su", 3, func(g *maker) string { return g.csi(4, "S") }},
	{"sd", 3, func(g *maker) string { return g.of("\x1b[T", "\x1b[1T", "\x1b[3T", "\x1b[9T") }},
	{"ind", 4, func(g *maker) string { return g.of("\x1bD", "\x1bE") }},
	{"ri", 5, func(*maker) string { return "\x1bM" }},
	{"margins", 5, func(g *maker) string { return g.of(g.region("r", g.size.H), g.region("r", g.size.H), "\x1b[r") }},
	{"columns", 3, func(g *maker) string {
		return g.of("\x1b[?69h"+g.region("s", g.size.W), "\x1b[?69h"+g.region("s", g.size.W), "\x1b[?69l")
	}},
	{"origin", 2, func(g *maker) string { return g.of("\x1b[?6h", "\x1b[?6l") }},
	{"autowrap", 2, func(g *maker) string { return g.of("\x1b[?7h", "\x1b[?7l", "\x1b[?7h") }},
	{"insert", 2, func(g *maker) string { return g.of("\x1b[4h", "\x1b[4l", "\x1b[4l") }},
	{"newline", 1, func(g *maker) string { return g.of("\x1b[20h", "\x1b[20l") }},
	{"reversewrap", 1, func(g *maker) string { return g.of("\x1b[?45h", "\x1b[?45l") }},
	{"cursor", 2, func(g *maker) string { return g.of("\x1b[?25l", "\x1b[?25h", "\x1b[?12h", "\x1b[5 q", "\x1b[ q") }},
	{"sgr", 12, (*maker).style},
	{"bce", 5, func(g *maker) string {
		return g.of("\x1b[44m", "\x1b[48;5;99m", "\x1b[48;2;1;2;3m", "\x1b[m", "\x1b[m")
	}},
	{"underline", 3, func(g *maker) string {
		return g.of("\x1b[4:3m", "\x1b[4:2m", "\x1b[4:0m", "\x1b[58;5;9m", "\x1b[58:2::7:8:9m", "\x1b[59m", "\x1b[21m")
	}},
	{"flags", 3, func(g *maker) string {
		return g.of("\x1b[5m", "\x1b[25m", "\x1b[8m", "\x1b[28m", "\x1b[3m", "\x1b[23m", "\x1b[9m", "\x1b[29m", "\x1b[2m", "\x1b[m", "\x1b[m")
	}},
	{"overline", 1, func(g *maker) string { return g.of("\x1b[53m", "\x1b[55m") }},
	{"alternate", 3, (*maker).alternate},
	{"alternate again", 1, func(g *maker) string { return g.of("\x1b[?1049h", "\x1b[?1049l", "\x1b[?1049l") }},
	{"alt47", 1, func(g *maker) string { return g.of("\x1b[?47h", "\x1b[?47l", "\x1b[?1047h", "\x1b[?1047l") }},
	{"1048", 1, func(g *maker) string { return g.of("\x1b[?1048h", "\x1b[?1048l") }},
	{"acs", 3, func(g *maker) string { return "\x1b(0" + g.letters(4) + "\x1b(B" }},
	{"charset", 2, func(g *maker) string { return g.of("\x1b(0", "\x1b(B", "\x1b)0\x0e", "\x0f", "\x1b(B\x0f") }},
	{"ukset", 1, func(*maker) string { return "\x1b(A#\x1b(B" }},
	{"tabs", 3, func(g *maker) string { return g.of("\x1bH", "\x1b[g", "\x1b[3g", "\x1b[Z", "\x1b[2Z") }},
	{"cht", 1, func(g *maker) string { return g.csi(4, "I") }},
	{"rep", 2, func(g *maker) string { return g.letters(1) + g.csi(12, "b") }},
	{"decaln", 1, func(*maker) string { return "\x1b[m\x1b#8" }},
	{"decstr", 1, func(*maker) string { return "\x1b[!p" }},
	{"ris", 1, func(*maker) string { return "\x1bc" }},
	{"decbi", 1, func(g *maker) string {
		return g.of("\x1b6", "\x1b9", "\x1b[2'}", "\x1b[2'~", "\x1b[2 @", "\x1b[2 A")
	}},
	{"protect", 2, func(g *maker) string {
		return g.of("\x1b[1\"q", "\x1b[0\"q", "\x1b[?J", "\x1b[?K", "\x1b[?2J", "\x1b[?1K")
	}},
	{"rectangle", 1, func(g *maker) string {
		return g.of("\x1b[2;3;5;9;1;4;5;1$v", "\x1b[66;2;2;4;8$x", "\x1b[1;2;3;9$z", "\x1b[1;2;3;9${")
	}},
	{"title", 2, func(g *maker) string { return g.of("\x1b]0;t\x07", "\x1b]2;ü\x1b\\", "\x1b]1;i\x07") }},
	{"link", 1, func(g *maker) string { return g.of("\x1b]8;;http://a/\x1b\\", "\x1b]8;;\x1b\\") }},
	{"modes", 2, func(g *maker) string {
		return g.of("\x1b[?1h", "\x1b[?1l", "\x1b=", "\x1b>", "\x1b[?2004h", "\x1b[?1000;1006h", "\x1b[?1000l", "\x1b[?1004h", "\x1b[?2026h\x1b[?2026l")
	}},
	{"unknown", 2, func(g *maker) string {
		return g.of("\x1b[?9999h", "\x1b[>4;2m", "\x1b[<u", "\x1bP+x\x1b\\", "\x1b_a\x1b\\", "\x1b^b\x1b\\", "\x1b]777;x\x07", "\x1b[1;2;3;4;5;6;7;8y")
	}},
	{"cut", 1, func(g *maker) string { return g.of("\x1b[3\x18", "\x1b[2\x1b[1C", "\x1b[1\nC", "\x1b]0;x\x1b[A") }},
	{"nul", 1, func(g *maker) string { return g.of("\x00", "\x7f", "\x05", "\x1b[\x00A") }},
}

// next makes one token.
func (g *maker) next() token {
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	for {
		n := g.IntN(total)
		for _, k := range kinds {
			if n -= k.weight; n < 0 {
				if _, omitted := g.omit[k.name]; omitted {
					break
				}
				return token{kind: k.name, data: k.make(g), keep: k.name == "alternate"}
			}
		}
	}
}

// stream makes n tokens. If it is to be settled, a return follows each that leaves a wrap pending.
func (g *maker) stream(n int, settled bool) stream {
	var s stream
	t := New(g.size, Options{})
	for range n {
		tok := g.next()
		s = append(s, tok)
		if _, _ = t.Write([]byte(tok.data)); settled && t.pending {
			s = append(s, token{kind: "cr", data: "\r"})
			_, _ = t.Write([]byte("\r"))
		}
	}
	return s
}

func (g *maker) of(choices ...string) string { return choices[g.IntN(len(choices))] }

// alternate goes to the alternate screen and back, as a program does.
func (g *maker) alternate() string {
	g.inAlternate = !g.inAlternate
	if g.inAlternate {
		return "\x1b[m\x1b[?1049h"
	}
	return "\x1b[?1049l"
}

// letters are n characters of text, now and then with a space.
func (g *maker) letters(n int) string {
	b := make([]byte, max(n, 1))
	first := byte('a' + g.IntN(20))
	for i := range b {
		b[i] = first + byte(i%6)
		if g.IntN(9) == 0 {
			b[i] = ' '
		}
	}
	return string(b)
}

// csi is a control sequence with one of the final bytes and mostly a count up to limit.
func (g *maker) csi(limit int, finals ...string) string {
	final := g.of(finals...)
	switch g.IntN(6) {
	case 0:
		return "\x1b[" + final
	case 1:
		return "\x1b[0" + final
	case 2:
		return fmt.Sprintf("\x1b[%d%s", limit+g.IntN(limit), final)
	}
	return fmt.Sprintf("\x1b[%d%s", 1+g.IntN(max(limit/2, 1)), final)
}

// at is a position, now and then one beyond the screen.
func (g *maker) at(final string) string {
	return fmt.Sprintf("\x1b[%d;%d%s", 1+g.IntN(g.size.H+1), 1+g.IntN(g.size.W+2), final)
}

// region is a range of lines or columns, at least two of them.
func (g *maker) region(final string, limit int) string {
	from := 1 + g.IntN(limit-1)
	return fmt.Sprintf("\x1b[%d;%d%s", from, from+1+g.IntN(limit-from), final)
}

// style is an SGR of one to three values.
func (g *maker) style() string {
	one := func() string {
		return g.of("", "0", "1", "4", "7", "22", "24", "27", "31", "42", "39", "49",
			"93", "104", "38;5;200", "48;5;3", "38;2;10;20;30", "48;2;40;50;60", "38:5:201")
	}
	parts := []string{one()}
	for g.IntN(3) == 0 {
		parts = append(parts, one())
	}
	return "\x1b[" + strings.Join(parts, ";") + "m"
}
