package container

import (
	"context"
	"slices"
	"time"

	"nstui/procscan/container/engine"
)

// askAgain is how often a daemon is asked for names that it has told before, and that may have changed.
const askAgain = 10 * time.Second

// Ask asks the daemons of Docker and podman for the names of containers nothing else has told of, and reports
// whether Resolve would say anything new now, be it that somebody does not answer. It waits for them, for a
// second or so, so it is to be called in a goroutine of its own. It asks nobody for what is known, and nobody
// more often than every two seconds or, after no answer, every minute: so it may be called after each Resolve.
// Calls at the same time wait for each other.
func (r *Resolver) Ask(ctx context.Context) bool {
	select {
	case r.asking <- struct{}{}:
		defer func() { <-r.asking }()
	case <-ctx.Done():
		return false
	}
	if !r.wanting() {
		return false
	}
	r.asker.Ask(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	known, news := r.asker.Known(), false
	r.eachUsed(func(e *entry) {
		if e.wants() && e.askedOf(known) {
			news = true
		}
	})
	silent := troubles(r.asker.States())
	if !slices.EqualFunc(silent, r.mute, func(a, b Silent) bool { return a.Source == b.Source && a.Since.Equal(b.Since) && a.Denied == b.Denied }) {
		r.mute, news = silent, true
	}
	r.dirty = r.dirty || news
	return news
}

// wanting reports whether there is anything to ask the daemons for, and notes that it is asked for.
func (r *Resolver) wanting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, wanting, idle := r.now(), false, true
	r.eachUsed(func(e *entry) {
		if !e.wants() {
			return
		}
		idle = false
		if now.Before(e.askNext) {
			return
		}
		wanting = true
		e.askNext = now.Add(retries[min(e.asks, len(retries)-1)])
		e.asks++
		if e.facts.from == BySocket {
			e.askNext = now.Add(askAgain)
		}
	})
	if idle && len(r.mute) > 0 {
		r.mute, r.dirty = nil, true // nobody has to answer
	}
	if wanting && r.asker == nil {
		r.asker = engine.NewAsker(r.hostAt)
	}
	return wanting
}

// wants reports whether a daemon of the host may know more of a container than is known.
func (e *entry) wants() bool {
	switch e.runtime() {
	case Docker, Podman, "":
		return e.tries > 0 && e.outer == nil && isID(e.id()) && (e.facts.from == Nobody || e.facts.from == BySocket)
	}
	return false
}

// askedOf takes over what the daemons know of a container, and reports whether that is new.
func (e *entry) askedOf(known *engine.Known) bool {
	c, ok := known.Find(e.id(), e.trust)
	if !ok || c.UID != e.trust {
		return false
	}
	f := e.facts
	f.runtime = Docker
	if c.Engine == engine.Podman {
		f.runtime = Podman
	}
	f.name, f.image, f.imageID, f.state, f.infra = capped(c.Name), capped(c.Image), digest(c.ImageID), capped(c.State), c.Infra
	f.project, f.service = "", ""
	f.takeDocker(c.Labels)
	if c.Pod != "" {
		f.pod = &Pod{Name: capped(c.PodName), UID: capped(c.Pod)}
	}
	f.from = BySocket
	if f.equal(&e.facts) {
		return false
	}
	e.facts, e.known, e.owner = f, true, nil
	return true
}

// troubles returns the sockets of which a user should be told.
func troubles(states []engine.State) []Silent {
	var list []Silent
	for _, s := range states {
		if denied := s.Status == engine.Forbidden; denied || s.Trouble() {
			list = append(list, Silent{Source: s.Socket.String(), Since: s.Since, Err: s.Err, Denied: denied})
		}
	}
	return list
}

// eachUsed calls do with each container that has processes.
func (r *Resolver) eachUsed(do func(*entry)) {
	for _, e := range r.entries {
		do(e)
	}
	for _, e := range r.sandboxes {
		if e.known {
			do(e)
		}
	}
}
