package cast

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"nstui/ui/term"
)

// memory is a file that holds up to a limit, and is written to only once it may.
type memory struct {
	bytes.Buffer
	limit int
	gate  chan struct{} // nil: always
}

func (m *memory) Write(b []byte) (int, error) {
	if m.gate != nil {
		<-m.gate
	}
	if room := m.limit - m.Len(); m.limit > 0 && len(b) > room {
		n, _ := m.Buffer.Write(b[:room])
		return n, syscall.ENOSPC
	}
	return m.Buffer.Write(b)
}

func (m *memory) Truncate(size int64) error {
	m.Buffer.Truncate(int(size))
	return nil
}

func (m *memory) Close() error { return nil }

// parsed is an event as a player reads it.
type parsed struct {
	at   float64
	code string
	text string
}

// parse reads a recording and fails if it is none.
func parse(t *testing.T, file []byte) (header map[string]any, events []parsed) {
	t.Helper()
	if len(file) > 0 && file[len(file)-1] != '\n' {
		t.Fatalf("the file ends in the middle of a line: %q", file)
	}
	for i, line := range bytes.Split(bytes.TrimSuffix(file, []byte("\n")), []byte("\n")) {
		if !utf8.Valid(line) {
			t.Fatalf("line %d is not UTF-8: %q", i, line)
		}
		if i == 0 {
			if err := json.Unmarshal(line, &header); err != nil {
				t.Fatalf("header %q: %v", line, err)
			}
			continue
		}
		var raw []any
		if err := json.Unmarshal(line, &raw); err != nil || len(raw) != 3 {
			t.Fatalf("line %d is %q: %v", i, line, err)
		}
		e := parsed{raw[0].(float64), raw[1].(string), raw[2].(string)}
		if n := len(events); n > 0 && e.at < events[n-1].at {
			t.Fatalf("the event %q is before the one before it", line)
		}
		events = append(events, e)
	}
	return header, events
}

// clock goes on by a quarter of a second whenever it is read.
func clock() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 11, 22, 6, 35, 1, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(250 * time.Millisecond)
		return now
	}
}

// write runs the recorder on a file and waits until it has come to its end.
func write(r *Recorder, file File) Result {
	r.Run(func() (File, error) { return file, nil })
	return r.Wait()
}

func TestRecording(t *testing.T) {
	r := New(Header{Width: 80, Height: 24, Began: time.Unix(1795329301, 0), Title: `a "b"`, Term: "xterm", Shell: "/bin/sh"}, clock())
	r.Output([]byte("one\r\n\x1b[31m\"two\"\\\x00\x7f\tü"))
	r.Output([]byte("日"[:2]))
	r.Resize(100, 30)
	r.Output([]byte("日"[2:] + "\xff\xc3x"))
	r.Output([]byte("ü"[:1]))
	r.Stop()
	r.Output([]byte("too late"))
	var file memory
	if res := write(r, &file); res.Err != nil || res.Bytes != int64(file.Len()) || res.Last != 1250*time.Millisecond || res.Age != 1500*time.Millisecond {
		t.Errorf("the result is %+v, want no error and %d bytes", res, file.Len())
	}
	const want = `{"version":2,"width":80,"height":24,"timestamp":1795329301,"title":"a \"b\"","env":{"SHELL":"/bin/sh","TERM":"xterm"}}
[0.250000, "o", "one\r\n\u001b[31m\"two\"\\\u0000\u007f\tü"]
[0.750000, "r", "100x30"]
[1.000000, "o", "日` + "\ufffd\ufffdx" + `"]
[1.250000, "o", "` + "\ufffd" + `"]
`
	if got := file.String(); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	parse(t, file.Bytes())
}

// TestWrittenAsItComes keeps that what was recorded is in the file before the recording ends: a program that
// is killed leaves it behind.
func TestWrittenAsItComes(t *testing.T) {
	pr, pw := io.Pipe()
	r := New(Header{Width: 80, Height: 24}, clock())
	go r.Run(func() (File, error) { return pipeFile{pw}, nil })
	lines := json.NewDecoder(pr)
	var header map[string]any
	if err := lines.Decode(&header); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		r.Output([]byte(text))
		var e []any
		if err := lines.Decode(&e); err != nil || e[2] != text {
			t.Fatalf("the event is %v, %v, want %q", e, err, text)
		}
	}
	r.Stop()
	if res := r.Wait(); res.Err != nil {
		t.Error(res.Err)
	}
}

type pipeFile struct{ *io.PipeWriter }

func (pipeFile) Truncate(int64) error { return nil }

// TestFullDisk keeps whole lines of what there was room for.
func TestFullDisk(t *testing.T) {
	file := memory{limit: 150}
	r := New(Header{Width: 80, Height: 24}, clock())
	go r.Run(func() (File, error) { return &file, nil })
	for r.taking() {
		r.Output([]byte("some text\r\n"))
	}
	res := r.Wait()
	if !errors.Is(res.Err, syscall.ENOSPC) || res.Bytes != int64(file.Len()) {
		t.Errorf("the result is %+v with %d bytes, want a full disk", res, file.Len())
	}
	parse(t, file.Bytes())
}

// taking reports whether more is recorded.
func (r *Recorder) taking() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed == nil
}

// TestSlowDisk keeps that what cannot be written ends the recording, never the one who records, and that
// what was taken until then is kept.
func TestSlowDisk(t *testing.T) {
	file := memory{gate: make(chan struct{})}
	r := New(Header{Width: 80, Height: 24}, clock())
	go r.Run(func() (File, error) { return &file, nil })
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	taken := 0
	for ; r.taking(); taken++ {
		r.Output(chunk)
	}
	if taken > maxWaiting/len(chunk)+1 {
		t.Errorf("%d MiB wait", taken)
	}
	close(file.gate)
	<-r.ended // which may take longer than Wait has
	if res := r.Wait(); !errors.Is(res.Err, ErrBehind) {
		t.Errorf("the result is %+v, want %v", res, ErrBehind)
	}
	text := 0
	_, events := parse(t, file.Bytes())
	for _, e := range events {
		text += len(e.text)
	}
	if want := (taken - 1) * len(chunk); text != want {
		t.Errorf("%d bytes were kept, want the %d before the end", text, want)
	}
}

// TestStuckDisk keeps that a file that is never written does not hold up who waits for it.
func TestStuckDisk(t *testing.T) {
	gate := make(chan struct{})
	defer close(gate)
	r := New(Header{Width: 80, Height: 24}, nil)
	go r.Run(func() (File, error) {
		<-gate
		return nil, fs.ErrClosed
	})
	r.Output([]byte("x"))
	r.Stop()
	if res := r.Wait(); !errors.Is(res.Err, errStuck) || res.Bytes != 0 {
		t.Errorf("the result is %+v, want %v", res, errStuck)
	}
}

func TestNoFile(t *testing.T) {
	r := New(Header{Width: 80, Height: 24}, nil)
	r.Run(func() (File, error) { return nil, fs.ErrPermission })
	if res := r.Wait(); !errors.Is(res.Err, fs.ErrPermission) {
		t.Errorf("the result is %+v", res)
	}
	r.Output([]byte("x")) // and is dropped
}

// FuzzRecording records in pieces what a program prints, in the middle of it and with changes of size. Each
// line is to be JSON, and a terminal that plays it is to show what the first one shows.
func FuzzRecording(f *testing.F) {
	for _, s := range []string{
		"hello\r\n", "\x1b[31m日本\x1b[m\xff\xe6\x97", "\x1b]0;title\x07\x1b[?1049h\x1b[2Jx", "e\u0301\u0085\u009b1mx\"\\\x00",
	} {
		f.Add([]byte(s), uint32(0x01020304))
	}
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		if len(data) > 1<<12 {
			return
		}
		data = bytes.ToValidUTF8(data, []byte("\ufffd")) // the emulator drops what a player shows as U+FFFD
		size := term.Size{W: 1 + int(salt%60), H: 1 + int(salt>>8%30)}
		screen := term.New(size, term.Options{History: -1})
		begin := len(data) * int(salt>>16&7) / 16
		_, _ = screen.Write(data[:begin])

		r := New(Header{Width: size.W, Height: size.H, Title: string(data)}, clock())
		r.Output(screen.State())
		step := 1 + int(salt>>20&31)
		for rest := data[begin:]; len(rest) > 0; rest = rest[min(step, len(rest)):] {
			some := rest[:min(step, len(rest))]
			_, _ = screen.Write(some)
			r.Output(some)
		}
		r.Stop()
		var file memory
		if res := write(r, &file); res.Err != nil {
			t.Fatal(res.Err)
		}
		header, events := parse(t, file.Bytes())
		if header["width"] != float64(size.W) || header["height"] != float64(size.H) {
			t.Fatalf("the header is %v", header)
		}
		player := term.New(size, term.Options{History: -1})
		for _, e := range events {
			_, _ = player.Write([]byte(e.text))
		}
		if plays(data) {
			for y := range size.H {
				if got, want := player.Row(y, term.RowOptions{}), screen.Row(y, term.RowOptions{}); got != want {
					t.Fatalf("row %d is %q, want %q", y, got, want)
				}
			}
		}
	})
}

// plays reports whether the output has nothing that depends on what State leaves out: the alternate screen
// while it is not shown, saved modes and cursors, repeated characters.
func plays(data []byte) bool {
	return !bytes.ContainsAny(data, "bhslrn78c")
}
