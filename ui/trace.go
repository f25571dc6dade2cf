package ui

import (
	"bufio"
	"fmt"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
)

// trace writes a line for every message. A nil trace writes nothing. It is used by Update and View
// only, which bubbletea never runs at once.
type trace struct {
	file *os.File
	w    *bufio.Writer
}

// openTrace opens the file for appending. Process names may end up in it, so it is for its owner only.
func openTrace(path string) (*trace, error) {
	//nolint:gosec // the user names the file
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the trace of %s: %w", debugVariable, err)
	}
	return &trace{file: file, w: bufio.NewWriter(file)}, nil
}

// message writes the type of a message and how long Update took for it. The line is flushed: what is
// last in a trace is what matters when the program hangs.
func (t *trace) message(msg tea.Msg, took time.Duration) {
	if t == nil {
		return
	}
	_, _ = fmt.Fprintf(t.w, "%s update %T %s\n", time.Now().Format("15:04:05.000000"), msg, took)
	_ = t.w.Flush() // a full disk must not end the program
}

// view writes how long View took and how much it made.
func (t *trace) view(size int, took time.Duration) {
	if t == nil {
		return
	}
	_, _ = fmt.Fprintf(t.w, "%s view %d bytes %s\n", time.Now().Format("15:04:05.000000"), size, took)
}

// close writes what is left.
func (t *trace) close() {
	_ = t.w.Flush()
	_ = t.file.Close()
}
