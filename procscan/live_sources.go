package procscan

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/events"
)

// stream is an events.Stream; tests have others.
type stream interface {
	Drain(f func(*events.Record)) (lost bool, err error)
	Close()
}

// openEvents opens the kernel's stream.
func openEvents() (stream, error) {
	s, err := events.Open()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// sources are where a Live hears that something changed.
type sources struct {
	open func() (stream, error)

	mode   Mode
	why    string
	stream stream // nil in the mode Polling
	lost   uint64
	listed time.Time // when the proc root was listed last
	from   int       // the pid from which the next are verified
}

// begin opens the stream of events, if it can tell of the processes of the root.
func (s *sources) begin(h *host) {
	s.close()
	if !h.ours {
		s.poll("the pids of this proc are not of our own pid namespace")
		return
	}
	stream, err := s.open()
	if err != nil {
		s.poll(whyNoEvents(err))
		return
	}
	s.stream, s.mode, s.why = stream, Events, ""
}

// poll goes on without events.
func (s *sources) poll(why string) {
	s.close()
	s.mode, s.why = Polling, why
}

// close ends the stream.
func (s *sources) close() {
	if s.stream != nil {
		s.stream.Close()
		s.stream = nil
	}
}

// whyNoEvents says what the kernel answered and what would change its mind.
func whyNoEvents(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("the kernel refuses events: %v (needs root or CAP_PERFMON)", err)
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOENT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, errors.ErrUnsupported):
		return fmt.Sprintf("the kernel has no events: %v (needs CONFIG_PERF_EVENTS)", err)
	default:
		return fmt.Sprintf("no events: %v", err)
	}
}

// hear marks what the kernel told of since the last time. all says that it could not tell everything, so
// that all processes have to be read. A stream that fails is given up, and why is told.
func (s *sources) hear(p *picture) (all bool) {
	if s.mode != Events {
		return false
	}
	lost, err := s.stream.Drain(p.heard)
	if lost {
		s.lost++
	}
	if err != nil {
		s.poll("the kernel tells no more events: " + err.Error())
		s.listed = time.Time{}
		return true
	}
	p.markLeaving()
	if lost {
		s.listed = time.Time{}
	}
	return lost
}

// Who has just ended is mostly reaped soon, and looked for in each of so many refreshes. A zombie that is
// still there after them may stay for ever, with thousands of its kind: so many of them are looked for in
// a refresh.
const (
	leavingSoon = 8
	leavingLate = 64
)

// markLeaving marks those that end, of whose reaping the kernel does not tell.
func (p *picture) markLeaving() {
	late := 0
	for pid, refreshes := range p.leaving { // in another order each time
		if refreshes < leavingSoon {
			p.leaving[pid]++
		} else if late++; late > leavingLate {
			continue
		}
		p.mark(pid, leave)
	}
}

// heard marks what one record is about.
func (p *picture) heard(r *events.Record) {
	first := r.TID == r.PID // of the threads of its process
	switch r.What {
	case events.Fork:
		if first {
			delete(p.leaving, r.PID) // that was another
			p.mark(r.PID, lookAt)
		} else if t := p.find(r.PID); t != nil && t.Threads <= 1 {
			p.mark(r.PID, lookAt) // who has threads is looked at by a deep pass
		}
	case events.Exit:
		// The record comes before the process is a zombie, and long before it is gone.
		if first {
			p.leaving[r.PID] = 0
			p.mark(r.PID, lookAt)
		}
	case events.Exec:
		delete(p.leaving, r.PID) // it is the first thread now that executes
		p.mark(r.PID, lookAt|execed)
	case events.Rename:
		if first {
			p.mark(r.PID, lookAt)
		}
	case events.Enter:
		if first {
			p.entered[r.PID] = struct{}{}
			p.mark(r.PID, lookAt)
			return
		}
		// A new thread is in the namespaces of its process, which is no news.
		if t := p.find(r.PID); t != nil && t.NS.Differs(&r.NS) != 0 {
			p.threads[r.PID] = struct{}{}
			p.mark(r.PID, lookAt)
		}
	}
}

// How many processes are read again in each refresh though nothing is known to have happened to them.
// Polling, it is a tenth of all, and all of a small host. With events it is for what they do not tell,
// and few enough to cost a thousandth of a core.
const (
	verifyParts = 10
	verifyLeast = 64
	verifyTold  = 24
)

// verify marks those processes whose turn it is to be read again, and those somebody looks at.
func (s *sources) verify(p *picture, looked []ProcID) {
	n := verifyTold
	if s.mode == Polling {
		n = max(verifyLeast, (len(p.all)+verifyParts-1)/verifyParts)
		for _, id := range looked {
			if t := p.find(id.PID); t != nil {
				p.mark(id.PID, lookAt)
			}
		}
	}
	n = min(n, len(p.all))
	at, _ := p.index(s.from)
	for range n {
		if at == len(p.all) {
			at = 0
		}
		p.mark(p.all[at].PID, lookAt)
		s.from = p.all[at].PID + 1
		at++
	}
}
