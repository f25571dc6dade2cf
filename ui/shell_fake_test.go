package ui

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// fakeEnterer pins the processes of a snapshot without looking for them.
type fakeEnterer struct {
	host     fixture
	pinErr   error
	pinErrs  map[int]error // by pid
	startErr error
	shells   []string // in the target's root
	ran      int      // which of the plan's shells runs
	busybox  string   // on the host
	missed   []*nsenter.StepError

	mu       sync.Mutex
	open     int // targets not closed
	sessions []*fakeSession
	sizes    [][2]int
}

func (f *fakeEnterer) Pin(ref nsenter.Ref) (Target, error) {
	if err := cmp.Or(f.pinErr, f.pinErrs[ref.PID]); err != nil {
		return nil, err
	}
	facts := &nsenter.Facts{
		PID: ref.PID, Start: ref.Start, PIDVisible: true,
		Users:  map[uint64]nsenter.UserNS{hostNS[ns.User]: {}},
		Caller: nsenter.Caller{Caps: ^uint64(0), UserNS: hostNS[ns.User]},
		Inside: nsenter.Home{Known: true, Shells: f.shells, Accounts: []nsenter.Account{{Name: "root", UID: "0", Dir: "/root"}}},
		Outside: nsenter.Home{
			Known: true, Busybox: f.busybox,
			Shells: []string{"/bin/bash"}, Accounts: []nsenter.Account{{Name: "root", UID: "0", Dir: "/root", Shell: "/bin/bash"}},
		},
	}
	for k := range facts.Kinds {
		facts.Kinds[k] = nsenter.KindFact{Target: ref.NS[k], Mine: hostNS[k], Owner: hostNS[ns.User]}
		if err := f.source(&facts.Kinds[k], ns.Kind(k), ref.Sources[k]); err != nil {
			return nil, err
		}
	}
	f.identify(facts, ref.PID)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	return &fakeTarget{enterer: f, facts: facts}, nil
}

// source takes a namespace from where it is asked to be from.
func (f *fakeEnterer) source(fact *nsenter.KindFact, k ns.Kind, src nsenter.Source) error {
	if src == (nsenter.Source{}) {
		return nil
	}
	fact.Source, fact.File = src.String(), src.File
	if src.File == "/run/netns/blue" && k == ns.Net {
		fact.Target = 4026533000
		return nil
	}
	for i := range f.host {
		if f.host[i].PID == src.PID {
			fact.Target, fact.File = f.host[i].NS[k], fmt.Sprintf("/proc/%d/ns/%s", src.PID, k)
			return nil
		}
	}
	return fmt.Errorf("open the %s namespace of %s: %w", k, src, fs.ErrNotExist)
}

// identify fills in whose the process is, and how ids are mapped if it is in a user namespace of its own.
func (f *fakeEnterer) identify(facts *nsenter.Facts, pid int) {
	for i := range f.host {
		p := &f.host[i]
		if p.PID != pid {
			continue
		}
		facts.UID, facts.GID = p.UID, p.UID
		facts.PIDInside = p.NSpid[len(p.NSpid)-1]
		facts.Confines = nsenter.Confines{Last: 40, Bounding: 0xa80425fb, Cgroups: []string{"/sys/fs/cgroup/" + p.Cgroup + "/cgroup.procs"}}
		if own := p.NS[ns.User]; own != hostNS[ns.User] {
			facts.Users[own] = nsenter.UserNS{Parent: hostNS[ns.User], Owner: p.UID}
			facts.Mapped = true
			facts.UIDMap = nsenter.IDMap{{Inside: 0, Outside: 100000, Count: 1000}, {Inside: 1000, Outside: p.UID, Count: 1}}
			facts.GIDMap = facts.UIDMap
		}
	}
}

// targets returns how many targets are pinned.
func (f *fakeEnterer) targets() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open
}

func (f *fakeEnterer) last() *fakeSession {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sessions[len(f.sessions)-1]
}

type fakeTarget struct {
	enterer *fakeEnterer
	facts   *nsenter.Facts
	err     error
	closed  sync.Once
}

func (t *fakeTarget) Facts() *nsenter.Facts { return t.facts }
func (t *fakeTarget) Check() error          { return t.err }

// Explore finds the files that follow the network, if it looks inside.
func (t *fakeTarget) Explore(inside bool) {
	t.facts.Explored, t.facts.Outside.Spare = true, "/mnt"
	if inside {
		t.facts.Inside.Spare = "/srv"
		t.facts.NetFiles = []nsenter.File{{Path: "/etc/resolv.conf"}, {Path: "/etc/hosts"}, {Path: "/etc/hostname"}}
	}
}

func (t *fakeTarget) Look(inside bool, commandLine string) bool {
	return inside && commandLine == "/opt/sh"
}

func (t *fakeTarget) Close() {
	t.closed.Do(func() {
		t.enterer.mu.Lock()
		defer t.enterer.mu.Unlock()
		t.enterer.open--
	})
}

func (t *fakeTarget) Start(_ context.Context, plan *nsenter.Plan, cols, rows int) (Session, error) {
	if t.enterer.startErr != nil {
		return nil, t.enterer.startErr
	}
	s := &fakeSession{plan: plan, ran: t.enterer.ran, missed: t.enterer.missed, wrote: make(chan struct{}, 1000), status: make(chan nsenter.Status, 10)}
	s.out, s.print = io.Pipe()
	s.runs("")
	t.enterer.mu.Lock()
	defer t.enterer.mu.Unlock()
	t.enterer.sessions = append(t.enterer.sessions, s)
	t.enterer.sizes = append(t.enterer.sizes, [2]int{cols, rows})
	return s, nil
}

// fakeSession is a shell that prints what the test writes to print and keeps what it is sent.
type fakeSession struct {
	plan    *nsenter.Plan
	ran     int                    // which of the plan's shells runs
	program atomic.Pointer[string] // that has the terminal

	out   *io.PipeReader
	print *io.PipeWriter

	mu     sync.Mutex
	typed  bytes.Buffer
	sizes  [][2]int
	killed bool
	missed []*nsenter.StepError
	gate   <-chan struct{}
	stuck  chan struct{} // what Interrupt closes if the shell is stuck; else nil
	wrote  chan struct{} // a value for each write
	status chan nsenter.Status
}

func (s *fakeSession) Read(b []byte) (int, error)   { return s.out.Read(b) }
func (s *fakeSession) PID() int                     { return 5120 }
func (s *fakeSession) Shell() []string              { return s.plan.Shells[s.ran] }
func (s *fakeSession) Missed() []*nsenter.StepError { return s.missed }
func (s *fakeSession) Foreground() string           { return *s.program.Load() }
func (s *fakeSession) Close() error                 { return s.out.Close() }

func (s *fakeSession) Wait() nsenter.Status {
	st := <-s.status
	if !st.Stopped && !st.Continued {
		s.status <- st // for every later call
	}
	return st
}

// runs lets a program have the terminal.
func (s *fakeSession) runs(program string) { s.program.Store(&program) }

// hold lets the shell read nothing until the gate is closed.
func (s *fakeSession) hold(gate <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = gate
}

func (s *fakeSession) Write(b []byte) (int, error) {
	s.mu.Lock()
	gate, stuck := s.gate, s.stuck
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-stuck:
			return len(b), nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		select {
		case s.wrote <- struct{}{}:
		default: // who waits has much to look at
		}
	}()
	return s.typed.Write(b)
}

// Interrupt ends a Write that waits for the gate, if the shell is stuck.
func (s *fakeSession) Interrupt(idle <-chan struct{}) (bool, error) {
	s.mu.Lock()
	stuck := s.stuck
	s.mu.Unlock()
	if stuck == nil {
		return false, nil
	}
	close(stuck)
	<-idle
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate, s.stuck = nil, nil
	return true, nil
}

func (s *fakeSession) Resize(cols, rows int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sizes = append(s.sizes, [2]int{cols, rows})
	return nil
}

func (s *fakeSession) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.killed {
		return nil
	}
	s.killed = true
	s.status <- nsenter.Status{Signal: syscall.SIGHUP, Code: 129}
	return s.print.Close()
}

func (s *fakeSession) Continue() error {
	s.status <- nsenter.Status{Continued: true}
	return nil
}

// exit ends the shell.
func (s *fakeSession) exit(code int) {
	s.status <- nsenter.Status{Code: code}
	s.print.Close()
}

// got returns what the shell was sent, once it is as long as want.
func (s *fakeSession) got(t *testing.T, want string) string {
	t.Helper()
	for {
		s.mu.Lock()
		typed := s.typed.String()
		s.mu.Unlock()
		if len(typed) >= len(want) {
			return typed
		}
		select {
		case <-s.wrote:
		case <-time.After(10 * time.Second):
			t.Fatalf("the shell was sent %q, want %q", typed, want)
		}
	}
}

// shellScreen is a screen whose shells' goroutines send their messages to it.
type shellScreen struct {
	*screen
	enterer *fakeEnterer
	inbox   chan tea.Msg
}

// atNginx starts on the nginx of the fixture, the container's leader, with its processes in use.
func atNginx(t *testing.T, width, height int) *shellScreen {
	t.Helper()
	f := host()
	e := &fakeEnterer{host: f, shells: []string{"/bin/sh"}}
	c := testConfig(f.snapshot())
	c.Enter, c.PID = e, 4183
	s := &shellScreen{screen: start(t, width, height, c), enterer: e, inbox: make(chan tea.Msg, 100)}
	s.m.send = func(msg tea.Msg) { s.inbox <- msg }
	t.Cleanup(s.m.closeShells)
	return s
}

// await takes messages of the goroutines until the condition holds.
func (s *shellScreen) await(what string, cond func() bool) {
	s.t.Helper()
	deadline := time.After(10 * time.Second)
	for !cond() {
		select {
		case msg := <-s.inbox:
			s.send(msg)
		case <-deadline:
			s.t.Fatalf("waiting until %s:\n%s", what, s.text())
		}
	}
}

// prints lets the shell print and waits until the last of it is on the screen.
func (s *shellScreen) prints(session *fakeSession, text, until string) {
	s.t.Helper()
	if _, err := session.print.Write([]byte(text)); err != nil {
		s.t.Fatal(err)
	}
	s.await("the screen shows "+until, func() bool { return strings.Contains(s.text(), until) })
}
