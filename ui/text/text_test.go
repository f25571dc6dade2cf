package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestCleanShowsWhatIsHostile(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "nginx: worker process", "nginx: worker process"},
		{"escape sequence", "a\x1b[2Jb", "a␛[2Jb"},
		{"newline and tab", "a\nb\tc\r", "a␊b␉c␍"},
		{"del", "a\x7f", "a␡"},
		{"c1 as utf-8", "a\u009b31mb", "a�31mb"},
		{"c1 as a byte", "a\x9b31mb", "a�31mb"},
		{"bidi override", "abc\u202etxt.exe", "abc�txt.exe"},
		{"bidi isolate", "\u2066x\u2069", "�x�"},
		{"zero width", "ro\u200bot", "ro�ot"},
		{"line separator", "a\u2028b", "a�b"},
		{"soft hyphen", "a\u00adb", "a�b"},
		{"hangul filler", "a\u3164b", "a�b"},
		{"tag characters", "a\U000E0041b", "a�b"},
		{"private use", "\ue0b0", "�"},
		{"lone mark", "\u0301x", "�x"},
		{"accent", "cafe\u0301 naïve", "cafe\u0301 naïve"},
		{"wide", "数据库", "数据库"},
		{"flag", "\U0001F1E9\U0001F1EA", "�"},
		{"family", "👨‍👩‍👧x", "�x"},
		{"emoji style", "❤\ufe0fx", "�x"},
		{"plain emoji", "🐳 x", "🐳 x"},
		{"zalgo", "a" + strings.Repeat("\u0301", 50), "a�"},
		{"cut utf-8", "caf\xc3", "caf�"},
		{"surrogate", "\xed\xa0\x80x", "�x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCleanCapsItsInput(t *testing.T) {
	got := Clean(strings.Repeat("x", 2<<20))
	if len(got) > MaxBytes+8 || !strings.HasSuffix(got, "…") {
		t.Errorf("2 MiB became %d bytes ending in %q", len(got), got[len(got)-4:])
	}
}

// checkClean asserts what doc.go promises of the result of Clean, alone and inside a frame.
func checkClean(t *testing.T, in string) {
	t.Helper()
	got := Clean(in)
	if !utf8.ValidString(got) {
		t.Fatalf("Clean(%q) = %q: not UTF-8", in, got)
	}
	for _, r := range got {
		if !unicode.IsGraphic(r) {
			t.Fatalf("Clean(%q) = %q: holds %U", in, got, r)
		}
	}
	cells, rest := 0, got
	for rest != "" {
		cluster, w := Next(rest)
		if w < 1 || w > 2 {
			t.Fatalf("Clean(%q) = %q: %q is %d wide", in, got, cluster, w)
		}
		cells += w
		rest = rest[len(cluster):]
	}
	for _, framed := range []string{got, "│" + got + "│", " " + got + " ", got + got} {
		g, wc := ansi.StringWidth(framed), ansi.StringWidthWc(framed)
		if g != wc {
			t.Fatalf("Clean(%q): %q is %d cells by graphemes, %d by wcwidth", in, framed, g, wc)
		}
	}
	if w := Width(got); w != cells {
		t.Fatalf("Clean(%q) = %q: Width %d, sum of graphemes %d", in, got, w, cells)
	}
	if again := Clean(got); again != got {
		t.Fatalf("Clean(%q) = %q, and that again %q", in, got, again)
	}
	for width := range 12 {
		if line, want := Line(in, width, "…"), Truncate(got, width, "…"); line != want && len(in) < 200 {
			t.Fatalf("Line(%q, %d) = %q, but cut from the whole %q", in, width, line, want)
		}
		if w := Width(Fit(got, width, "…")); w != width {
			t.Fatalf("Fit(%q, %d) is %d wide", got, width, w)
		}
	}
	for width := range 24 {
		if cut := Ends(got, width, "…"); Width(cut) > width || Clean(cut) != cut {
			t.Fatalf("Ends(%q, %d) = %q", got, width, cut)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a", "\x1b]0;x\a", "e\u0301", "क्ष", "각", "👩🏽‍🚀", "\u0d4e ", "\u0600a", "🇩🇪🇫🇷", "a\u20dd", "\xff\xfe", "ﷺ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, s) })
}

// TestCleanOfExoticText draws rows from the parts of Unicode where widths are in dispute.
func TestCleanOfExoticText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ranges := [][2]rune{{0x0, 0x24f}, {0x300, 0x36f}, {0x590, 0x6ff}, {0x900, 0xdff}, {0xe00, 0xfff}, {0x1100, 0x11ff}, {0x2000, 0x206f}, {0x2190, 0x27bf}, {0x3000, 0x30ff}, {0xac00, 0xac80}, {0xd7b0, 0xd7ff}, {0xfe00, 0xfe0f}, {0xff00, 0xffef}, {0x1100a, 0x11fff}, {0x1f1e6, 0x1f1ff}, {0x1f300, 0x1faff}, {0x200d, 0x200d}, {0xe0000, 0xe01ef}}
	for range 3000 {
		row := make([]rune, 1+rng.IntN(12))
		for i := range row {
			r := ranges[rng.IntN(len(ranges))]
			row[i] = r[0] + rng.Int32N(r[1]-r[0]+1)
		}
		checkClean(t, string(row))
	}
}

func TestTruncate(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"nginx", 5, "nginx"},
		{"nginx", 4, "ngi…"},
		{"nginx", 1, "…"},
		{"nginx", 0, ""},
		{"nginx", -3, ""},
		{"数据库", 5, "数据…"},
		{"数据库", 4, "数…"},
		{"数据库", 2, "…"},
	} {
		if got := Truncate(tt.in, tt.width, "…"); got != tt.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
	if got := Truncate("nginx", 2, "..."); got != "ng" {
		t.Errorf("a tail with no room: %q", got)
	}
}

func BenchmarkLineOfHostileText(b *testing.B) {
	name := strings.Repeat("\u6570e\u0301\x1b[", 100_000)
	b.ReportAllocs()
	for b.Loop() {
		Line(name, 60, "…")
	}
}

func BenchmarkCleanPlain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Clean("nginx: master process nginx -g daemon off;")
	}
}

func TestEnds(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"kube-state-metrics", 18, "kube-state-metrics"},
		{"kube-state-metrics", 17, "kube-sta…-metrics"},
		{"kube-state-metrics", 12, "kube-s…trics"},
		{"kube-state-metrics", 11, "kube-state…"},
		{"kube-state-metrics", 0, ""},
		{"名前名前名前名前", 15, "名前名…名前名前"},
		{"名前名前名前名前", 14, "名前名…前名前"}, // half a character has no room
	} {
		if got := Ends(tt.in, tt.width, "…"); got != tt.want {
			t.Errorf("Ends(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
	if got := Ends("kube-state-metrics", 14, "..."); got != "kube-s...trics" {
		t.Errorf("with another tail: %q", got)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 20, []string{"one two three"}},
		{"/a/very/long/path", 6, []string{"/a/ver", "y/long", "/path"}},
		{"世界世界", 5, []string{"世界", "世界"}},
		{"x", 0, []string{""}},
	} {
		got := Wrap(c.in, c.width)
		if !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
		for _, l := range got {
			if Width(l) > c.width {
				t.Errorf("Wrap(%q, %d) has the line %q", c.in, c.width, l)
			}
		}
	}
}
