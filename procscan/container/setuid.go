package container

import (
	"cmp"
	"context"
	"time"

	"nstui/procscan"
	"nstui/procscan/container/engine"
)

// Setuid reports whether a process that is in no container has the effective uid 0 and may yet be somebody else's, who
// started a setuid program by whatever name they like: by its real uid, or since its program is one. It is false where
// that could not be read.
func (n *Names) Setuid(p *procscan.Process) bool {
	return n != nil && n.setuid[p.ID()]
}

// called is a process under a name. Once it has executed something else it has another: what root began may be another
// user's then.
type called struct {
	procscan.ProcID

	comm, arg string
}

// verdict says whether a process is a setuid program, and used the round in which it was met last.
type verdict struct {
	setuid bool
	used   uint64
}

// findSetuid returns those of [Names.Setuid]. Each process is looked at once under each name.
func (r *Resolver) findSetuid(ctx context.Context, s *survey) map[procscan.ProcID]bool {
	var due []called
	found := make(map[procscan.ProcID]bool)
	note := func(c called, setuid bool) {
		if r.setuid[c] = (verdict{setuid, r.round}); setuid {
			found[c.ProcID] = true
		}
	}
	for i, p := range s.snap.Procs {
		if p.UID != 0 || p.Kernel || p.Zombie() || s.conts[i] != nil {
			continue
		}
		c := called{ProcID: p.ID(), comm: p.Comm}
		if len(p.Args) > 0 {
			c.arg = p.Args[0]
		}
		if known, ok := r.setuid[c]; ok {
			note(c, known.setuid)
		} else {
			due = append(due, c)
		}
	}
	if len(due) == 0 {
		return found
	}
	root, until := r.root, time.Now().Add(filePatience/2) // those that are left over come next time
	news, err := run(ctx, &r.errands, blame{}, func() map[called]bool {
		news := make(map[called]bool, len(due))
		for _, c := range due {
			if time.Now().After(until) {
				break
			}
			if is, ok := isSetuid(root, c.ProcID); ok {
				news[c] = is
			}
		}
		return news
	})
	if err != nil {
		return found // the next look may have time for it
	}
	for c, is := range news {
		note(c, is)
	}
	return found
}

// isSetuid reports whether a process with the effective uid 0 has other uids, or runs a setuid program; ok is false if
// that cannot be read.
func isSetuid(root string, id procscan.ProcID) (is, ok bool) {
	p, err := openProcess(root, id)
	if err != nil {
		return false, false
	}
	defer p.close()
	status, err := p.proc("status")
	if err != nil {
		return false, false
	}
	uids, ok := engine.UIDs(status)
	return ok && (cmp.Or(uids...) != 0 || p.setuid()), ok
}
