package engine

import (
	"context"
	"io"
	"os"
	"strings"
	"time"
)

// Stopped is what an engine says of a container that has no process. Texts are as they came, but cut.
type Stopped struct {
	Engine string // Docker or Podman
	UID    uint32 // the owner of the socket
	ID     string // 64 lower case hexadecimal digits
	Name   string
	State  string // a word of the engine's: exited, created, dead, restarting
	// Status is Docker's sentence, such as "Exited (137) 5 minutes ago"; podman has none, but Exit and Ended.
	Status string
	Exit   int
	Ended  time.Time // zero if it never ran, or nobody says
	// Labels are at most 256, those of the image among them; nil if there are none.
	Labels map[string]string
}

// stoppedRecord is one as it comes: see record.
type stoppedRecord struct {
	ID       string `json:"Id"`
	Names    []string
	State    string
	Status   string
	Labels   map[string]string
	ExitCode int
	ExitedAt int64 // s since 1970
}

// stoppedPaths returns where an engine lists all its containers, the best first. Podman has many words for those
// that do not run, so it is asked for all.
func stoppedPaths(engine string) []string {
	const (
		docker = "/containers/json?all=1&filters=%7B%22status%22%3A%5B%22created%22%2C%22exited%22%2C%22dead%22%2C%22restarting%22%5D%7D"
		podman = "/v4.0.0/libpod/containers/json?all=true"
	)
	if engine == Podman {
		return []string{podman, docker}
	}
	return []string{docker}
}

// decodeStopped reads the list.
func decodeStopped(body io.Reader, most limits) ([]Stopped, error) {
	labels := 0
	return decodeEach(body, most, func(r *stoppedRecord) (Stopped, error) {
		if !IsID(r.ID) {
			return Stopped{}, notAnID(r.ID)
		}
		if labels += len(r.Labels); labels > most.labels {
			r.Labels = nil
		}
		c := Stopped{
			ID: r.ID, Name: Cut(nameOf(r.Names)), State: Cut(r.State), Status: Cut(r.Status), Exit: r.ExitCode,
			Labels: cutLabels(r.Labels),
		}
		if r.ExitedAt > 0 {
			c.Ended = time.Unix(r.ExitedAt, 0)
		}
		return c, nil
	})
}

// ListStopped asks engines for the containers that have no processes: those whose sockets are below root and belong
// to root or the caller, and that of $DOCKER_HOST. They are asked all at once, as List does, within little more than
// a second; who does not answer is left out, and skip says who is not asked at all.
func ListStopped(ctx context.Context, root string, skip func(Socket) bool) []Stopped {
	return listStopped(ctx, Sockets(root, os.Getenv("DOCKER_HOST")), skip, patience)
}

func listStopped(ctx context.Context, sockets []Socket, skip func(Socket) bool, patience time.Duration) []Stopped {
	claims := claims{files: make(map[file]bool)}
	answers := make(chan []Stopped, len(sockets))
	asked := 0
	for _, s := range sockets {
		if s.UID != 0 && s.UID != uint32(os.Geteuid()) && !s.Given || skip(s) {
			continue
		}
		asked++
		go func() { answers <- s.stopped(ctx, &claims, patience) }()
	}
	late := time.NewTimer(patience + grace)
	defer late.Stop()
	var list []Stopped
	for range asked {
		select {
		case some := <-answers:
			list = append(list, some...)
		case <-ctx.Done():
			return list
		case <-late.C:
			return list // a path may hang
		}
	}
	return list
}

// stopped asks at one socket.
func (s Socket) stopped(ctx context.Context, claims *claims, patience time.Duration) []Stopped {
	d, err := claims.open(s)
	if err != nil {
		return nil // most are not there
	}
	defer d.close()
	all, err := ask(ctx, s, d, question[Stopped]{stoppedPaths(d.engine), decodeStopped}, &lookout{proc: "/proc"}, patience)
	if err != nil {
		return nil
	}
	var list []Stopped
	for _, c := range all {
		switch strings.ToLower(c.State) {
		case "running", "paused", "removing", "stopping":
			continue
		}
		c.Engine, c.UID = d.engine, d.owner
		list = append(list, c)
	}
	return list
}
