package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// patience is how long an engine has for everything: to accept, to read the question and to answer.
const patience = time.Second

// List asks the engine behind a socket for the containers that have processes. It takes a second at the most,
// less if the context ends before, as long as opening the path does not hang: that nobody can interrupt, and it
// happens in a folder of a user who means ill only. An error is an *Error, or that of a context that was
// cancelled.
func List(ctx context.Context, s Socket) ([]Container, error) {
	d, err := s.open()
	if err != nil {
		return nil, err
	}
	defer d.close()
	return s.list(ctx, d, &lookout{proc: "/proc"}, patience)
}

// list is List for a socket that is open, with another patience. The engine is not woken up.
func (s Socket) list(ctx context.Context, d *door, l *lookout, patience time.Duration) ([]Container, error) {
	if l.asleep(d) {
		return nil, s.fail(Asleep, errors.New("systemd listens for it, and it does not run"))
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	list, err := s.ask(limited, d)
	if err != nil && ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Engine, list[i].UID = d.engine, d.owner
	}
	return list, nil
}

// ask asks at the first of the engine's addresses that it knows.
func (s Socket) ask(ctx context.Context, d *door) ([]Container, error) {
	var list []Container
	var err error
	for _, path := range paths(d.engine) {
		var unknown bool
		list, unknown, err = s.get(ctx, d, path)
		if !unknown {
			break
		}
	}
	return list, err
}

// paths returns where an engine lists its containers, the best first. Docker's has no version in it: each
// engine then answers in its own, while one that is named may be too old or too new. Podman's own list, which
// needs a version and is not particular about it, knows of pods; it leaves out containers that are paused
// unless asked for them.
func paths(engine string) []string {
	const (
		docker = "/containers/json"
		podman = "/v4.0.0/libpod/containers/json?filters=%7B%22status%22%3A%5B%22running%22%2C%22paused%22%5D%7D"
	)
	if engine == Podman {
		return []string{podman, docker}
	}
	return []string{docker}
}

// get asks at one address. unknown says that there is none such.
func (s Socket) get(ctx context.Context, d *door, path string) (list []Container, unknown bool, err error) {
	conn, err := s.connect(d)
	if err != nil {
		return nil, false, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok { // there is always one: see list
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, false, s.fail(Wrong, fmt.Errorf("set a deadline: %w", err))
		}
	}
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0)) // as above
	})
	defer stop()
	if _, err := io.WriteString(conn, request(path)); err != nil {
		return nil, false, s.fault(fmt.Errorf("send the question: %w", err))
	}
	list, code, err := parse(conn, most)
	if err != nil {
		return nil, code == 400 || code == 404, s.fault(err)
	}
	return list, false, nil
}

// fault is an Error for what happened after the engine was connected to.
func (s Socket) fault(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return s.fail(Silent, fmt.Errorf("no answer in time: %w", os.ErrDeadlineExceeded))
	}
	return s.fail(Wrong, err)
}

// parse reads an answer and returns its list and status code; 0 for what is no answer.
func parse(r io.Reader, most limits) ([]Container, int, error) {
	p, err := readReply(r, most)
	if err != nil {
		return nil, 0, err
	}
	if p.code != 200 {
		return nil, p.code, p.refusal()
	}
	list, err := decode(p.body, most)
	return list, p.code, err
}
