package cli

import (
	"fmt"
	"time"

	"nstui/nsenter"
	"nstui/ui/cast"
	"nstui/ui/newfile"
	"nstui/ui/text"
)

// recording is a session on its way to a file; nil where none is recorded.
type recording struct {
	title    string
	file     newfile.NotEmpty
	recorder *cast.Recorder // nil until the program runs
	size     [2]int         // as it was recorded last
}

// newRecording makes the file, before anything is entered. Its error says what was tried.
func newRecording(path, title string) (*recording, error) {
	file, err := newfile.Create(path)
	if err != nil {
		return nil, fmt.Errorf("--record: %w", err)
	}
	return &recording{title: text.Clean(title), file: newfile.NotEmpty{File: file}}, nil
}

// begin records from now on what is printed on a terminal of a size in cells.
func (r *recording) begin(plan *nsenter.Plan, cols, rows int) {
	if r == nil {
		return
	}
	header := cast.NewHeader(r.title, time.Now(), plan.Env)
	header.Width, header.Height = cols, rows
	r.recorder, r.size = cast.New(header, nil), [2]int{cols, rows}
	go r.recorder.Run(func() (cast.File, error) { return r.file, nil })
}

func (r *recording) output(b []byte) {
	if r != nil {
		r.recorder.Output(b)
	}
}

func (r *recording) resize(cols, rows int) {
	if size := [2]int{cols, rows}; r != nil && r.size != size {
		r.size = size
		r.recorder.Resize(cols, rows)
	}
}

// end ends the recording and returns what is to be said of it, "" for nothing: if no program has run, or
// nothing could be written, there is no file.
func (r *recording) end() string {
	if r == nil {
		return ""
	}
	path := r.file.Name()
	if r.recorder == nil {
		if err := r.file.Close(); err != nil {
			return "recorded nothing: " + err.Error()
		}
		return ""
	}
	r.recorder.Stop()
	res := r.recorder.Wait()
	if res.Err != nil && res.Bytes == 0 {
		return fmt.Sprintf("recorded nothing in %s: %v", path, res.Err)
	}
	lasted := res.Last.Round(time.Second).String()
	if res.Err != nil {
		return fmt.Sprintf("recorded only %s in %s: %v", lasted, path, res.Err)
	}
	return fmt.Sprintf("recorded %s in %s", lasted, path)
}
