package test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// picture is what one look at a proc root tells of names.
type picture struct {
	Processes map[int]sighting // by pid as the reader sees it, of those that belong to somebody
	Rows      []sighting       // the containers; PID is that of the leader
	Spaces    map[uint64]string
	Silent    []string // who did not answer, and what came instead
	News      bool     // a daemon told something new
}

// sighting is who a process belongs to, or a container.
type sighting struct {
	PID                                                 int
	Runtime, ID, Name, Image, Pod, UID, Namespace       string
	Project, Service, State, Short, Chain, From, Cgroup string
	Labels                                              map[string]string
	Infra                                               bool
	Processes                                           int
	Host, Others                                        string // letters of kinds, of a row
	Unit                                                string // its chain
}

// readNames looks whenever it reads a line, and writes a line of JSON. The words are "look", for what files
// tell, and "ask", for what daemons tell, too.
func readNames(in io.Reader, out io.Writer) error {
	scanner, resolver := procscan.New(procscan.Options{}), container.New(container.Options{})
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	defer cancel()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		snap, err := scanner.Scan(ctx, procscan.Groups|procscan.Owners|procscan.Mounts, nil)
		if err != nil {
			return err
		}
		names, news := resolver.Resolve(ctx, snap), false
		if lines.Text() == "ask" {
			if news = resolver.Ask(ctx); news {
				names = resolver.Resolve(ctx, snap)
			}
		}
		p := pictureOf(names)
		p.News = news
		if err := json.NewEncoder(out).Encode(p); err != nil {
			return err
		}
	}
	return lines.Err()
}

// pictureOf returns what names say of their snapshot.
func pictureOf(names *container.Names) picture {
	p := picture{Processes: make(map[int]sighting), Spaces: make(map[uint64]string)}
	for _, process := range names.Snapshot().Procs {
		if o := names.Of(process); o != nil {
			s := sightingOf(o)
			s.PID = process.PID
			if unit := names.Unit(process); unit != nil {
				s.Unit = unit.String()
			}
			p.Processes[process.PID] = s
		}
	}
	for _, row := range names.Containers() {
		s := sightingOf(row.Owner)
		s.PID, s.Processes, s.Host, s.Others = row.Leader.PID, row.Processes, row.Host.String(), row.Others.String()
		p.Rows = append(p.Rows, s)
	}
	for _, space := range names.Snapshot().Namespaces[ns.Net] {
		s := names.Space(space.ID)
		p.Spaces[space.ID.Ino] = s.String()
	}
	for _, s := range names.Silent() {
		p.Silent = append(p.Silent, fmt.Sprintf("%s: %v", s.Source, s.Err))
	}
	return p
}

func sightingOf(o *container.Owner) sighting {
	s := sighting{
		Runtime: string(o.Runtime), ID: o.ID, Name: o.Name, Image: o.Image, Project: o.Project, Service: o.Service,
		Labels: o.Labels, State: o.State, Infra: o.Infra, Short: o.Short(), Chain: o.String(), From: o.From.String(), Cgroup: o.Cgroup,
	}
	if o.Pod != nil {
		s.Pod, s.UID, s.Namespace = o.Pod.Name, o.Pod.UID, o.Pod.Namespace
	}
	return s
}

// String returns what tests compare, on one line.
func (s sighting) String() string {
	return fmt.Sprintf("%s, id %.12s, told by %s, in %s", s.terse(), s.ID, s.From, s.Cgroup)
}

// reader is a process that reads names when it is told to. It ends with the test.
type reader struct {
	t   *testing.T
	in  io.Writer
	out *json.Decoder
}

// newReader starts a reader by a command that runs the program.
func newReader(t *testing.T, credential *syscall.Credential, command ...string) *reader {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), actorVariable+"="+names)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, out := startPiped(t, cmd)
	t.Cleanup(func() {
		_ = in.Close() // it may have ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("a reader failed: %v\n%.1000s", err, stderr.Bytes())
		}
	})
	return &reader{t, in, json.NewDecoder(out)}
}

// look tells the reader to look, or to ask.
func (r *reader) look(word string) picture {
	r.t.Helper()
	if _, err := io.WriteString(r.in, word+"\n"); err != nil {
		r.t.Fatal(err)
	}
	var p picture
	if err := r.out.Decode(&p); err != nil {
		r.t.Fatalf("a reader said nothing: %v", err)
	}
	return p
}

// within returns a command that runs another as one of the machine's own processes.
func (m *machine) within() []string {
	return []string{"nsenter", "-t", strconv.Itoa(m.pids["init"]), "-m", "-p", "-n", "-u", "-i", "-C"}
}

// install copies the reader's program to a place in the machine, and returns its path there.
func (m *machine) install(t *testing.T) string {
	t.Helper()
	const path = "/srv/reader"
	m.installed.Do(func() {
		if err := copySelf(m.path(path)); err != nil {
			t.Fatal(err)
		}
	})
	return path
}
