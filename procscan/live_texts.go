package procscan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// How many processes are asked for their texts in one refresh: those that have none yet, and those that
// are asked again for a new title or control group. Reading them costs about as much as reading the
// process itself.
const (
	textsNew    = 1000
	textsAgain  = 64 // polling: or a part of all
	textsParts  = 100
	textsTold   = 12 // with events
	textsLooked = 128
)

// texter chooses whose texts are read in a refresh, and reads them.
type texter struct {
	*texting

	waits *waits
	most  int    // how many are read for the first time in one refresh
	from  int    // the pid from which texts are read again
	round uint32 // of choosing
	list  []textJob
}

// readTexts reads the texts of as many processes as a refresh may.
func (l *Live) readTexts(ctx context.Context) error {
	p, t := &l.picture, &l.texts
	t.list = t.list[:0]
	t.choose(p, l.sources.mode, l.looks())
	defer func() { clear(t.list) }()
	t.deal(t.list, p.host)
	if err := p.crew.do(ctx, &t.work); err != nil {
		return fmt.Errorf("scan %s: %w", l.scanner.root, err)
	}
	p.updates = p.updates[:0]
	for i := range t.list {
		if job := &t.list[i]; job.done || job.stuck {
			p.text(job)
		}
	}
	slices.SortFunc(p.updates, func(a, b update) int { return cmp.Compare(a.pid, b.pid) })
	p.apply()
	return nil
}

// text notes what came of a job. A process that is gone is left to the next refresh.
func (p *picture) text(job *textJob) {
	old := p.find(job.old.PID)
	if old == nil || old.Process != job.old || job.now == nil && !job.stuck {
		return
	}
	now := *old
	now.stuck = job.stuck
	if job.now != nil {
		now.Process = job.now
	}
	if !job.mute {
		now.texted = true
	}
	now.unsaid = job.why
	if now != *old {
		p.updates = append(p.updates, update{pid: old.PID, now: now})
	}
}

// choose fills the jobs: who is looked at, who is new, who leads a namespace, who has none, and whose turn
// it is.
func (t *texter) choose(p *picture, mode Mode, looked []ProcID) {
	t.round++
	for _, id := range looked[:min(len(looked), textsLooked)] {
		if old := p.find(id.PID); old != nil && old.Start == id.Start {
			t.add(old)
		}
	}
	left := t.most
	for _, pid := range p.fresh[:min(len(p.fresh), left)] {
		if old := p.find(pid); old != nil && t.add(old) {
			left--
		}
	}
	p.fresh = p.fresh[:0]
	if p.unread > 0 {
		if p.unread > left && p.snap != nil {
			left = t.chooseLeaders(p, left)
		}
		for i := range p.all {
			if left == 0 {
				break
			}
			if old := &p.all[i]; !old.texted && t.add(old) {
				left--
			}
		}
	}
	n := textsTold
	if mode == Polling {
		n = max(textsAgain, len(p.all)/textsParts)
	}
	at, _ := p.index(t.from)
	for range min(n, len(p.all)) {
		if at == len(p.all) {
			at = 0
		}
		t.add(&p.all[at])
		t.from = p.all[at].PID + 1
		at++
	}
}

// chooseLeaders adds those that lead a namespace and have no texts, at most n, and returns how many are
// left of n.
func (t *texter) chooseLeaders(p *picture, n int) int {
	for k := range p.snap.Namespaces {
		for i := range p.snap.Namespaces[k] {
			if n == 0 {
				return 0
			}
			at := p.snap.Namespaces[k][i].Leader
			if at < 0 {
				continue
			}
			if old := p.find(p.snap.Procs[at].PID); old != nil && !old.texted && t.add(old) {
				n--
			}
		}
	}
	return n
}

// add adds a process, unless it is among them or one that cannot be asked.
func (t *texter) add(old *tracked) bool {
	if old.round == t.round || old.stuck && (old.held || t.waits.count(int64(old.PID)) > 0) {
		return false
	}
	old.round = t.round
	t.list = append(t.list, textJob{old: old.Process, entry: entry{pid: old.PID, ino: old.ino}})
	return true
}
