package nsenter

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// source is a terminal: each of its answers comes after a time.
type source struct {
	pause  time.Duration
	answer string
	hung   chan struct{}
}

func (s *source) Read(b []byte) (int, error) {
	select {
	case <-s.hung:
		return 0, io.EOF
	case <-time.After(s.pause):
		return copy(b, s.answer), nil
	}
}

// However slowly it is shown, all is read that a pty holds; what comes later is not waited for.
func TestTail(t *testing.T) {
	for _, test := range []struct {
		name        string
		pause, show time.Duration
		size        int
		least, most int // bytes
		longest     time.Duration
	}{
		{"a slow terminal", 0, time.Second, 4096, tailBytes, tailBytes, 17 * time.Second},
		{"a flood", 0, 0, 4096, tailBytes, tailBytes, 0},
		{"a trickle", 50 * time.Millisecond, 0, 1, 3, 4, tailTime},
		{"silence", time.Hour, 0, 1, 0, 0, tailTime},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from := &source{test.pause, strings.Repeat("x", test.size), make(chan struct{})}
				var tail Tail
				began, total := time.Now(), 0
				tail.End(func() { close(from.hung) })
				buf := make([]byte, test.size)
				for {
					n, err := tail.Read(from, buf)
					total += n
					if err != nil {
						break
					}
					<-time.After(test.show) // of the bubble's clock: it is shown slowly
				}
				if total < test.least || total > test.most {
					t.Errorf("%d bytes were read, want %d to %d", total, test.least, test.most)
				}
				if took := time.Since(began); took > test.longest {
					t.Errorf("it took %v, want at most %v", took, test.longest)
				}
			})
		})
	}
}

// A program that ends while its output is waited for.
func TestTailEndsWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &source{time.Hour, "x", make(chan struct{})}
		var tail Tail
		began := time.Now()
		time.AfterFunc(time.Minute, func() { tail.End(func() { close(from.hung) }) })
		if n, err := tail.Read(from, make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("got %d bytes and %v, want the end", n, err)
		}
		if took := time.Since(began); took != time.Minute+tailTime {
			t.Errorf("it took %v", took)
		}
	})
}
