package term

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// The streams are what programs print most; each is about 64 KiB, one read of a busy pty.
func streams() map[string][]byte {
	text, ls, cjk, scroll := &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}
	r := rand.New(rand.NewPCG(1, 2))
	for text.Len() < 64<<10 {
		for n := r.IntN(76); n >= 0; n-- {
			text.WriteByte("etaoin shrdlu cmfwyp"[r.IntN(20)])
		}
		text.WriteString("\r\n")
	}
	for i := 0; ls.Len() < 64<<10; i++ {
		fmt.Fprintf(ls, "drwxr-xr-x %2d root adm %7d Nov 21 19:%02d \x1b[0m\x1b[01;%dmsome-file-%d\x1b[0m\r\n",
			r.IntN(30), r.IntN(1e6), r.IntN(60), 31+r.IntN(6), i)
	}
	for cjk.Len() < 64<<10 {
		for n := r.IntN(38); n >= 0; n-- {
			cjk.WriteRune(rune(0x4e00 + r.IntN(0x2000)))
		}
		cjk.WriteString("\r\n")
	}
	scroll.WriteString("\x1b[?1049h\x1b[1;23r")
	for i := 0; scroll.Len() < 64<<10; i++ {
		fmt.Fprintf(scroll, "\x1b[23;1H\n\x1b[38;5;%dm%4d \x1b[mfunc scroll(n int) { return }\x1b[K\x1b[24;60H%d,1", i%256, i, i)
	}
	scroll.WriteString("\x1b[r\x1b[?1049l")
	return map[string][]byte{
		"text": text.Bytes(), "ls": ls.Bytes(), "cjk": cjk.Bytes(), "vim": scroll.Bytes(),
		"yes":    bytes.Repeat([]byte("y\r\n"), 21845),
		"scroll": bytes.Repeat([]byte("\x1b[44m\x1b[5S\x1b[3T\x1b[2L\x1b[4M\x1b[m"), 2500),
		"emoji":  []byte(strings.Repeat("e\u0301a\u0308 👨\u200d👩 ❤\ufe0f\r\n", 2000)),
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, data := range streams() {
		b.Run(name, func(b *testing.B) {
			t := New(Size{80, 24}, Options{})
			for range 20 { // the history is full and its buffers are there
				_, _ = t.Write(data)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = t.Write(data)
			}
		})
	}
}

func BenchmarkRow(b *testing.B) {
	for name, data := range streams() {
		b.Run(name, func(b *testing.B) {
			t := New(Size{80, 24}, Options{})
			_, _ = t.Write(data)
			b.ReportAllocs()
			for b.Loop() {
				for y := range 24 {
					_ = t.Row(y, RowOptions{})
				}
			}
		})
	}
}

func BenchmarkResize(b *testing.B) {
	t := New(Size{80, 24}, Options{})
	for t.HistoryLen() < DefaultHistory {
		_, _ = t.Write(streams()["text"])
	}
	b.ReportAllocs()
	for b.Loop() {
		t.Resize(Size{60, 24})
		t.Resize(Size{80, 24})
	}
}

// heap returns the bytes in use after a collection.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestWriteAllocatesNothing writes each stream until the history has turned often, so that its buffers fit
// any line: then no byte costs memory.
func TestWriteAllocatesNothing(t *testing.T) {
	for name, data := range streams() {
		term := New(Size{80, 24}, Options{History: 100})
		write := func() { _, _ = term.Write(data) }
		for range 8 {
			write()
		}
		if n := testing.AllocsPerRun(5, write); n > 0 {
			t.Errorf("%s: %v allocations for %d bytes", name, n, len(data))
		}
	}
}

// TestHistoryMemory fills histories of 10,000 lines with lines that are 80 columns wide: plain text, text
// with a colour for each word, CJK, and the worst there is, a new style in each cell.
func TestHistoryMemory(t *testing.T) {
	styled := &strings.Builder{}
	for i := range 80 {
		fmt.Fprintf(styled, "\x1b[38;2;1;2;%d;48;2;%d;1;1mx", i, i)
	}
	for name, line := range map[string]string{
		"text":     strings.Repeat("x", 80) + "\r\n",
		"coloured": strings.Repeat("\x1b[31mcol\x1b[1;32mour\x1b[m ed", 9) + "\r\n",
		"cjk":      strings.Repeat("界", 40) + "\r\n",
		"styled":   styled.String() + "\x1b[m\r\n",
	} {
		before := heap()
		term := New(Size{80, 24}, Options{})
		for range DefaultHistory + 100 {
			_, _ = term.Write([]byte(line))
		}
		used := int64(heap()) - int64(before)
		t.Logf("%s: %d lines of history in %.1f MB", name, term.HistoryLen(), float64(used)/1e6)
		if used > 10e6 {
			t.Errorf("%s: %d bytes", name, used)
		}
		if name != "styled" && term.HistoryLen() != DefaultHistory {
			t.Errorf("%s: %d lines, want %d", name, term.HistoryLen(), DefaultHistory)
		}
		runtime.KeepAlive(term)
	}
}

// BenchmarkHostile writes 64 KiB of what costs most for its length, on a large screen: no input may
// keep the terminal busy for long. Worst is to scroll between left and right margins, which copies every
// cell between them: two bytes for all of the screen.
func BenchmarkHostile(b *testing.B) {
	const full, columns = "\x1b#8", "\x1b#8\x1b[?69h\x1b[2;199s\x1b[50;9H"
	for name, s := range map[string][2]string{
		"repeat":         {"", "x\x1b[9999b"},
		"repeat-columns": {columns, "x\x1b[9999b"},
		"repeat-wide":    {columns, "界\x1b[9999b"},
		"align":          {"", full},
		"reset":          {"", "\x1bc"},
		"erase":          {"\x1b[44m", "\x1b[2J"},
		"selective":      {full, "\x1b[?2J"},
		"scroll":         {"", "\x1b[99S"},
		"rectangle":      {full, "\x1b[;2;;;;;$v"},
		"sideways":       {full, "\x1b[ @"},
		"columns":        {columns, "x\n"},
		"columns-down":   {columns, "\x1b[T\n"},
		"insert":         {full + "\x1b[4h", "x\r"},
		"tabs":           {"\x1b[3g", "\r\t"},
		"alternate":      {"", "\x1b[?1049h\x1b[?1049l"},
		"colours":        {"", "\x1b]4;" + strings.Repeat("1;?;", 10000) + "\x07"},
		"capability":     {"", "\x1bP+q" + strings.Repeat("436f;", 10000) + "\x1b\\"},
		"sgr":            {"", "\x1b[" + strings.Repeat("1;", maxParams-1) + "m"},
	} {
		b.Run(name, func(b *testing.B) {
			t := New(Size{200, 50}, Options{})
			_, _ = t.Write([]byte(s[0]))
			data := bytes.Repeat([]byte(s[1]), max(64<<10/len(s[1]), 1))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = t.Write(data)
			}
		})
	}
	b.Run("clusters", func(b *testing.B) {
		t := New(Size{300, 100}, Options{})
		var n rune
		b.ReportAllocs()
		for b.Loop() {
			for range 64 << 10 / 6 {
				n++
				printf(t, "%c\u0301", 0x4e00+n%20000)
				if n%20000 == 0 {
					printf(t, "%s", "\u0302")
				}
			}
		}
	})
}
