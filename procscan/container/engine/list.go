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
	list, err := ask(ctx, s, d, question[Container]{paths(d.engine), decode}, l, patience)
	for i := range list {
		list[i].Engine, list[i].UID = d.engine, d.owner
	}
	return list, err
}

// question is what an engine is asked: at the first of some addresses that it knows.
type question[T any] struct {
	paths  []string
	decode func(body io.Reader, most limits) ([]T, error)
}

// ask asks the engine behind a socket that is open, and returns what it lists. It is not woken up.
func ask[T any](ctx context.Context, s Socket, d *door, q question[T], l *lookout, patience time.Duration) (list []T, err error) {
	if l.asleep(d) {
		return nil, s.fail(Asleep, errors.New("systemd listens for it, and it does not run"))
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, path := range q.paths {
		var unknown bool
		list, unknown, err = get(limited, s, d, path, q.decode)
		if !unknown {
			break
		}
	}
	if err != nil && ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return list, nil
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
func get[T any](ctx context.Context, s Socket, d *door, path string, decode func(io.Reader, limits) ([]T, error)) (list []T, unknown bool, err error) {
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
	list, code, err := parseBy(conn, s.limits(d), decode)
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

// parse reads an answer that lists containers with processes.
func parse(r io.Reader, most limits) ([]Container, int, error) { return parseBy(r, most, decode) }

// parseBy reads an answer and returns its list and status code; 0 for what is no answer.
func parseBy[T any](r io.Reader, most limits, decode func(io.Reader, limits) ([]T, error)) ([]T, int, error) {
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
