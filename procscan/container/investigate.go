package container

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// maxLost is after how many files that do not come no others are read in one Resolve.
const maxLost = 2

// maxSpent is how long one Resolve looks up containers of one user, or in one container, who may have more of
// them than there is time for. The others have to wait for the next. Not counted is what it takes to find out whose
// one is where its control group does not tell: that is asked once, whether there is time for the rest or not.
const maxSpent = 200 * time.Millisecond

// investigate asks about containers, and takes over what that brings: root's first, and the new ones of each.
func (r *Resolver) investigate(ctx context.Context, s *survey, due []*entry) {
	slices.SortFunc(due, func(a, b *entry) int { return cmp.Or(a.haste()-b.haste(), a.tries-b.tries) })
	lost := 0
	for _, e := range due {
		if ctx.Err() != nil || lost >= maxLost {
			return
		}
		if s.tired(e.likely()) {
			continue
		}
		begun := r.now()
		q := s.inquiry(e)
		whose := e.blamed()
		if q == nil || s.tired(whose) {
			continue
		}
		got, err := run(ctx, &r.errands, whose, q.look)
		now := r.now()
		s.spent[whose] += now.Sub(begun)
		e.tried(now)
		switch {
		case err == nil:
			e.setTrust(got.trust)
			if !s.room(e, whose, len(got.labels)) {
				got.labels = nil
			}
			e.learn(got)
		case errors.Is(err, errNoAnswer):
			lost++
			r.deafen(e)
		}
	}
}

// tired reports whether enough was looked for of what is somebody's.
func (s *survey) tired(whose blame) bool { return whose != (blame{}) && s.spent[whose] > maxSpent }

// likely is blamed before it is known by whose word the container is known.
func (e *entry) likely() blame {
	if by := e.firstWord(); e.outer == nil && e.tries == 0 && by != NoUser {
		return blame{uid: by}
	}
	return e.blamed()
}

// maxUserLabels is how many labels are kept of one user, who may have as many containers with as many as the user
// likes: 8 MiB.
const maxUserLabels = 1 << 14

// room reports whether there is room for so many labels of a container, and keeps it for them.
func (s *survey) room(e *entry, whose blame, labels int) bool {
	if labels == 0 || whose == (blame{}) {
		return true
	}
	if s.labels == nil {
		s.labels = make(map[blame]int)
		s.r.eachUsed(func(e *entry) { s.labels[e.blamed()] += len(e.facts.labels) })
	}
	kept := s.labels[whose] - len(e.facts.labels) + labels
	if kept > maxUserLabels {
		return false
	}
	s.labels[whose] = kept
	return true
}

// haste is less for who is asked about sooner.
func (e *entry) haste() int {
	if e.outer == nil && e.firstWord() == 0 {
		return 0
	}
	return 1
}

// deafen notes that files about a container do not come.
func (r *Resolver) deafen(e *entry) {
	name := string(e.build().Runtime)
	if name == "" {
		name = "a runtime"
	}
	if name = "files of " + name; r.deaf[name].IsZero() {
		r.deaf[name] = r.now()
	}
}

// silence returns what does not answer.
func (r *Resolver) silence() []Silent {
	if r.errands.left() == 0 {
		clear(r.deaf)
	}
	list := slices.Clone(r.mute)
	for name, since := range r.deaf {
		list = append(list, Silent{Source: name, Since: since, Err: errNoAnswer})
	}
	slices.SortFunc(list, func(a, b Silent) int { return a.Since.Compare(b.Since) })
	return list
}

// inquiry returns what is to be asked about a container, nil if its leader is gone.
func (s *survey) inquiry(e *entry) *inquiry {
	at := s.index(e.leader.PID)
	if at < 0 || s.snap.Procs[at].ID() != e.leader {
		return nil
	}
	p := s.snap.Procs[at]
	q := &inquiry{
		root: s.r.root, host: s.hostRoot, hit: e.hit, user: e.user, leader: e.leader,
		nested: e.nested(), sandbox: e.sandbox, bare: e.bare, shelf: &s.r.shelf,
		ward: wardOf(s.snap, e, p),
	}
	q.lookUp(s, e, at)
	q.weigh()
	e.suspect = q.trust
	return q
}

// lookUp finds the process outside of the container, and whether that is of its runtime.
func (q *inquiry) lookUp(s *survey, e *entry, at int) {
	above := at
	if !e.hit.monitor {
		if e.sandbox {
			_, above = s.top(at)
		} else {
			above = s.above(e, at)
		}
	}
	if above < 0 || s.snap.Procs[above].PID == 1 {
		return
	}
	h := s.snap.Procs[above]
	q.outside = h.ID()
	q.outsideRoot = s.mayBeRoots(h) && q.realUser(h.ID()) == 0
	q.beyond = e.outer != nil && !e.hit.monitor && !s.conts[above].within(e.outer)
	if kind := kindOf(h); kind != noHelper && (!q.beyond || !e.sandbox) {
		q.helper = helperOf(h, kind)
		if !s.mayBeRoots(h) && h.UID == 0 {
			q.helper.uid = NoUser
		}
	}
}

// mayBeRoots reports whether a process can be of the host's root. In a user namespace of its own root of a
// container may have the same number, and anybody may have any powers.
func (s *survey) mayBeRoots(p *procscan.Process) bool {
	in := p.NS[ns.User]
	return p.UID == 0 && (in == 0 || in == s.host[ns.User] || in == s.snap.Mine[ns.User])
}

// hostRoot returns the root directory of the host, as we see it: that of the first process, if it is in
// another mount namespace than we are.
func (r *Resolver) hostRoot(snap *procscan.Snapshot) string {
	if r.host != "" {
		return r.host
	}
	first := snap.ByPID(1)
	if first != nil && first.NS[ns.Mnt] != 0 && snap.Mine[ns.Mnt] != 0 && first.NS[ns.Mnt] != snap.Mine[ns.Mnt] {
		return r.root + "/1/root"
	}
	return "/"
}

// How often files are looked at again for changes, such as docker rename makes, and how many at once.
const (
	recheckEvery = 2 * time.Second
	recheckMost  = 32
)

// recheck looks whether files have changed that something is known from, and has the containers asked about
// again whose have.
func (r *Resolver) recheck(ctx context.Context) {
	now := r.now()
	list := r.sourced(now.Add(-recheckEvery))
	list = list[:min(len(list), recheckMost)]
	root, host, lost := r.root, r.hostAt, 0
	for _, e := range list {
		if lost >= maxLost || ctx.Err() != nil {
			return
		}
		sources := e.sources
		changed, err := run(ctx, &r.errands, e.blamed(), func() bool {
			return slices.ContainsFunc(sources, func(src source) bool { return src.changed(root, host) })
		})
		e.checked = now
		switch {
		case err == nil && changed:
			e.tries = 0
		case errors.Is(err, errNoAnswer):
			lost++
		}
	}
}

// open opens the folder the path is below.
func (src *source) open(root, host string) (folder, error) {
	if src.via == (procscan.ProcID{}) {
		return openFolder(host)
	}
	p, err := openProcess(root, src.via)
	if err != nil {
		return -1, err
	}
	defer p.close()
	return p.link(src.link)
}

// changed reports whether a file is another than it was. One that cannot be reached any more says nothing: a
// container that has ended does not change its name.
func (src *source) changed(root, host string) bool {
	at, err := src.open(root, host)
	if err != nil {
		return false
	}
	defer at.close()
	now, err := at.stampOf(src.path, inside)
	if errors.Is(err, unix.ENOENT) {
		return false
	}
	return err == nil && now != src.stamp
}
