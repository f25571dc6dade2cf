package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/cast"
	"nstui/ui/newfile"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// recording is what a shell prints on its way to a file.
type recording struct {
	recorder *cast.Recorder
	path     chan string // gets the path of the file once it is made
}

// recordedMsg says that a recording has come to its end.
type recordedMsg struct {
	shell     *shell
	recording *recording
	path      string // "" if there is no file
	result    cast.Result
}

// needScreen keeps what is done with a shell's screen from one that has none.
func needScreen(m *Model) string {
	if s := m.shellShown(); s == nil || s.session == nil {
		return "it does not run"
	}
	return ""
}

// toggleRecording starts to record what the shell prints, or ends that.
func (m *Model) toggleRecording() tea.Cmd {
	s := m.shellShown()
	switch {
	case s.recording != nil:
		s.stopRecording()
		return nil // what came of it is told when it is written
	case s.done():
		return m.warn("record: it does not run any more")
	}
	header := cast.NewHeader(text.Clean(s.label()), m.now(), s.plan.Env)
	r := &recording{recorder: s.pane.record(header, m.now), path: make(chan string, 1)}
	s.recording = r
	name, send := fileName(s.label(), m.now(), ".cast"), m.send
	m.spawn("the writer of a recording", func() {
		r.recorder.Run(func() (cast.File, error) { return r.create(name) })
	})
	m.spawn("the end of a recording", func() {
		msg := recordedMsg{shell: s, recording: r, result: r.recorder.Wait()}
		select {
		case msg.path = <-r.path:
		default:
		}
		send(msg)
	})
	return m.note("recording to " + name + ": " + m.config.Prefix + " R ends it")
}

// create makes the file, in the directory nstui was started in.
func (r *recording) create(name string) (cast.File, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the current directory: %w", err)
	}
	file, err := newfile.CreateNumbered(filepath.Join(dir, name))
	if err != nil {
		return nil, err // says what was tried on what
	}
	r.path <- file.Name()
	return newfile.NotEmpty{File: file}, nil
}

// stopRecording ends the recording there is, if there is one.
func (s *shell) stopRecording() {
	if s.recording != nil {
		s.recording.recorder.Stop()
		s.recording = nil
		s.pane.endRecord()
	}
}

// record has all recorded that is printed from now on, after what is on the screen.
func (p *pane) record(h cast.Header, now func() time.Time) *cast.Recorder {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := p.term.Size()
	h.Width, h.Height = size.W, size.H
	p.recorder = cast.New(h, now)
	p.recorder.Output(p.term.State())
	return p.recorder
}

func (p *pane) endRecord() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recorder = nil
}

// handleRecorded says what came of a recording.
func (m *Model) handleRecorded(msg recordedMsg) tea.Cmd {
	if msg.shell.recording == msg.recording {
		msg.shell.stopRecording()
	}
	res := msg.result
	kept := fmt.Sprintf("%s, %s", shortTime(res.Last), byteSize(res.Bytes))
	switch {
	case res.Err == nil: // with what was quiet at the end, as the frame has counted it
		return m.note(fmt.Sprintf("recorded %s, %s: %s", shortTime(res.Age), byteSize(res.Bytes), msg.path))
	case msg.path == "" || res.Bytes == 0:
		return m.tell(theme.Fail, "nothing was recorded: "+res.Err.Error())
	}
	return m.tell(theme.Fail, fmt.Sprintf("recording ended: %v; kept %s: %s", res.Err, kept, msg.path))
}

// recordedWords puts before the wordings of the bar that what the shell prints is recorded.
func (s *shell) recordedWords(wordings []line) []line {
	if s.recording == nil {
		return wordings
	}
	age, bytes := s.recording.recorder.State()
	short := span{theme.Warn, " REC "}
	long := span{theme.Warn, " REC " + shortTime(age) + " " + byteSize(bytes) + " "}
	gap := span{theme.Inside, " "}
	out := make([]line, 0, 2*len(wordings))
	for _, words := range wordings {
		out = append(out, slices.Concat(line{long, gap}, words), slices.Concat(line{short, gap}, words))
	}
	return out
}

// recordedMark is what the tab says.
func (s *shell) recordedMark() string {
	if s.recording == nil {
		return ""
	}
	return " REC"
}

// shortTime returns a duration as minutes and seconds, with hours where there are any.
func shortTime(d time.Duration) string {
	s := int(max(0, d).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// byteSize returns a number of bytes in words.
func byteSize(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	value, units := float64(n)/1024, []string{"KiB", "MiB", "GiB", "TiB"}
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}
