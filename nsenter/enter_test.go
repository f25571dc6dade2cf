package nsenter

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

func TestEnterAsRoot(t *testing.T) {
	needRoot(t)
	t.Run("container of root", func(t *testing.T) {
		all := ns.All.Without(ns.User)
		p := startTarget(t, all)
		matrix(t, func(t *testing.T, set ns.Set) {
			t.Helper()
			s, plan := enter(t, pin(t, p.ref()), set)
			if plan.Join != set&all {
				t.Errorf("plan joins %q", plan.Join)
			}
			checkLinks(t, s.PID(), p.ref().PID, set&all)
		})
	})
	t.Run("container with a user namespace", func(t *testing.T) {
		p := startTarget(t, ns.All)
		matrix(t, func(t *testing.T, set ns.Set) {
			t.Helper()
			s, _ := enter(t, pin(t, p.ref()), set)
			checkLinks(t, s.PID(), p.ref().PID, set)
		})
	})
}

// TestEnterAsUser runs as root by running itself once more as an ordinary user.
func TestEnterAsUser(t *testing.T) {
	if os.Geteuid() == 0 {
		asUser(t)
		return
	}
	p := startTarget(t, ns.All)
	matrix(t, func(t *testing.T, set ns.Set) {
		t.Helper()
		s, plan := enter(t, pin(t, p.ref()), set)
		want := set.With(ns.User) // added by itself
		if plan.Join != want {
			t.Errorf("plan joins %q, want %q", plan.Join, want)
		}
		if plan.As.UID != 0 || plan.As.Keep() {
			t.Errorf("plan runs the shell as %+v, want root, which is mapped", plan.As)
		}
		checkLinks(t, s.PID(), p.ref().PID, want)
	})
	t.Run("a process of root", func(t *testing.T) {
		pinned := pin(t, Ref{PID: 1})
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.SetOf(ns.Net)}, nil)
		if plan.Ready() || plan.Kinds[ns.Net].State != Refused || !strings.Contains(plan.Kinds[ns.Net].Reason, "permission denied") {
			t.Errorf("plan for a process of root: %+v, checks %v", plan.Kinds[ns.Net], plan.Checks)
		}
	})
}

// asUser runs the test that calls it again as uid 1000.
func asUser(t *testing.T) {
	t.Helper()
	const uid = 1000
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME=/", "GOCOVERDIR=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as uid %d: %v\n%s", uid, err, out)
	}
}

// A sandbox in a sandbox: the outer user namespace owns net, the inner one mnt. Going straight to the
// inner one would lose the right to join net.
func TestEnterNestedUserNamespaces(t *testing.T) {
	if os.Geteuid() == 0 {
		asUser(t)
		return
	}
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "cat")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, cmd, ns.SetOf(ns.User, ns.Net))
	p.echo(t, out)
	set := ns.SetOf(ns.User, ns.Net, ns.Mnt)
	s, _ := enter(t, pin(t, p.ref()), set)
	checkLinks(t, s.PID(), p.ref().PID, set)
}

func TestShellIsClean(t *testing.T) {
	set := ns.SetOf(ns.User, ns.Net, ns.PID)
	p := startTarget(t, set)
	before := openFDs(t)
	pinned := pin(t, p.ref())
	s, _ := enter(t, pinned, set)
	typeLine(t, s, "there") // comes back from the terminal, and from cat once it is loaded
	waitFor(t, s, "there\r\nthere\r\n")

	dir := fmt.Sprintf("/proc/%d/", s.PID())
	entries, err := os.ReadDir(dir + "fd")
	if err != nil {
		t.Fatal(err)
	}
	var fds []string
	for _, e := range entries {
		fds = append(fds, e.Name())
	}
	if !slices.Equal(fds, []string{"0", "1", "2"}) {
		t.Errorf("the shell has the descriptors %v, want 0 1 2", fds)
	}
	if modes(t, s).Iflag&unix.IUTF8 == 0 {
		t.Error("the terminal erases bytes, not characters")
	}
	status := read(t, dir+"status")
	for _, field := range []string{"SigIgn", "SigBlk"} {
		if !strings.Contains(status, field+":\t0000000000000000") {
			t.Errorf("the shell's %s is not empty:\n%s", field, status)
		}
	}
	if got, want := limitLine(t, dir+"limits"), limitLine(t, fmt.Sprintf("/proc/%d/limits", p.ref().PID)); got != want {
		t.Errorf("the shell's %q, that of another child of this process %q", got, want)
	}
	stat := strings.Fields(read(t, dir+"stat"))
	pid, pgrp, session, tty, foreground := stat[0], stat[4], stat[5], stat[6], stat[7]
	if pgrp != pid || session != pid || tty == "0" || foreground != pid {
		t.Errorf("the shell %s has group %s, session %s, terminal %s, foreground group %s: no job control", pid, pgrp, session, tty, foreground)
	}
	if env := read(t, dir+"environ"); strings.Contains(env, nested) {
		t.Errorf("the shell's environment has %s: %q", nested, env)
	}

	hangUp(t, s)
	if st := s.Wait(); st.Signal != syscall.SIGHUP {
		t.Errorf("after the terminal was closed the shell ended with %+v, want a hangup", st)
	}
	pinned.Close()
	if after := openFDs(t); !slices.Equal(before, after) {
		t.Errorf("descriptors before %v, after %v", before, after)
	}
}

// modes returns the modes of a shell's terminal.
func modes(t *testing.T, s *Session) *unix.Termios {
	t.Helper()
	tty, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/0", s.PID()), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	modes, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return modes
}

func limitLine(t *testing.T, file string) string {
	t.Helper()
	for line := range strings.Lines(read(t, file)) {
		if strings.HasPrefix(line, "Max open files") {
			return line
		}
	}
	t.Fatalf("%s does not tell the limit of open files", file)
	return ""
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// openFDs lists what this process has open, but for what the runtime and the image keep.
func openFDs(t testing.TB) []string {
	t.Helper()
	if _, _, err := image(true); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if link, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasPrefix(link, "anon_inode:[event") {
			list = append(list, e.Name()+" "+link)
		}
	}
	return list
}

func TestStatus(t *testing.T) {
	p := startTarget(t, ns.SetOf(ns.User, ns.UTS))
	pinned := pin(t, p.ref())

	t.Run("exit status", func(t *testing.T) {
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/bin/sh"}, os.Environ())
		s, err := Start(t.Context(), pinned, plan, 80, 24)
		if err != nil {
			t.Fatal(err)
		}
		defer hangUp(t, s)
		typeLine(t, s, "exit 42")
		if st := s.Wait(); st != (Status{Code: 42}) {
			t.Errorf("status %+v", st)
		}
	})
	t.Run("stop and continue", func(t *testing.T) {
		s, _ := enter(t, pinned, ns.All)
		if err := syscall.Kill(s.PID(), syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if st := s.Wait(); st != (Status{Stopped: true, Signal: syscall.SIGSTOP}) {
			t.Errorf("status %+v", st)
		}
		if err := s.Continue(); err != nil {
			t.Error(err)
		}
		if st := s.Wait(); st != (Status{Continued: true}) {
			t.Errorf("status %+v", st)
		}
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
		if st := s.Wait(); st != (Status{Signal: syscall.SIGHUP, Code: 129}) {
			t.Errorf("status %+v", st)
		}
	})
	t.Run("kill one that ignores the hangup", func(t *testing.T) {
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/bin/sh"}, os.Environ())
		s, err := Start(t.Context(), pinned, plan, 80, 24)
		if err != nil {
			t.Fatal(err)
		}
		defer hangUp(t, s)
		typeLine(t, s, "trap '' HUP; echo re''ady")
		waitFor(t, s, "ready")
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
		if st := s.Wait(); st.Signal != syscall.SIGKILL {
			t.Errorf("status %+v", st)
		}
		if err := s.Kill(); err != nil {
			t.Errorf("kill of an ended shell: %v", err)
		}
	})
}

// waitFor reads until the text has come. What comes right behind it may be lost: nothing is to be waited for there.
func waitFor(t testing.TB, r io.Reader, text string) {
	t.Helper()
	var all strings.Builder
	buf := make([]byte, 4096)
	for !strings.Contains(all.String(), text) {
		n, err := r.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			t.Fatalf("waiting for %q: %v after %q", text, err, all.String())
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Run("gone before", func(t *testing.T) {
		p := startTarget(t, 0)
		p.end()
		if _, err := Pin(p.ref()); !errors.Is(err, ErrGone) {
			t.Errorf("pin: %v", err)
		}
	})
	t.Run("gone between pin and start", func(t *testing.T) {
		p := startTarget(t, ns.SetOf(ns.User, ns.UTS))
		pinned := pin(t, p.ref())
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All}, os.Environ())
		p.end()
		if _, err := Start(t.Context(), pinned, plan, 80, 24); !errors.Is(err, ErrGone) {
			t.Errorf("start: %v", err)
		}
	})
	t.Run("zombie", func(t *testing.T) {
		p := startTarget(t, ns.SetOf(ns.User, ns.UTS))
		pinned := pin(t, p.ref())
		fd := []unix.PollFd{{Fd: int32(pinned.pidfd), Events: unix.POLLIN}}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := unix.Poll(fd, -1); err != nil {
			t.Fatal(err)
		}
		if err := pinned.Check(); !errors.Is(err, ErrZombie) {
			t.Errorf("check: %v", err)
		}
		if _, err := Pin(p.ref()); !errors.Is(err, ErrZombie) {
			t.Errorf("pin: %v", err)
		}
	})
	t.Run("another process has the pid", func(t *testing.T) {
		p := startTarget(t, 0)
		ref := p.ref()
		ref.Start = 1
		if _, err := Pin(ref); !errors.Is(err, ErrReused) {
			t.Errorf("pin: %v", err)
		}
	})
	t.Run("another namespace", func(t *testing.T) {
		p := startTarget(t, ns.SetOf(ns.User, ns.Net))
		ref := p.ref()
		ref.NS = tupleOf(t, os.Getpid())
		_, err := Pin(ref)
		if !errors.Is(err, ErrMoved) {
			t.Errorf("pin: %v", err)
		}
	})
	t.Run("inside a re-executed child", func(t *testing.T) {
		pinned := pin(t, startTarget(t, 0).ref())
		t.Setenv(nested, "1")
		plan := NewPlan(pinned.Facts(), Request{}, os.Environ())
		if _, err := Start(t.Context(), pinned, plan, 80, 24); !errors.Is(err, ErrNested) {
			t.Errorf("start: %v", err)
		}
	})
	t.Run("a shell that is not there", func(t *testing.T) {
		pinned := pin(t, startTarget(t, ns.SetOf(ns.User, ns.UTS)).ref())
		before := openFDs(t)
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/no/such/shell"}, os.Environ())
		_, err := Start(t.Context(), pinned, plan, 80, 24)
		var step *StepError
		if !errors.As(err, &step) || step.Step != StepExec || step.What != "/no/such/shell" || step.Errno != syscall.ENOENT {
			t.Errorf("start: %v", err)
		}
		if after := openFDs(t); !slices.Equal(before, after) {
			t.Errorf("descriptors before %v, after %v", before, after)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		pinned := pin(t, startTarget(t, ns.SetOf(ns.User, ns.UTS)).ref())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All}, os.Environ())
		if _, err := Start(ctx, pinned, plan, 80, 24); !errors.Is(err, context.Canceled) {
			t.Errorf("start: %v", err)
		}
	})
}

// The refusals once more as an ordinary user: others apply.
func TestRefusalsAsUser(t *testing.T) {
	if os.Geteuid() == 0 {
		asUser(t)
		return
	}
	TestRefusals(t)
	t.Run("permission the plan did not foresee", func(t *testing.T) {
		pinned := pin(t, startTarget(t, ns.SetOf(ns.User, ns.Net)).ref())
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.SetOf(ns.Net)}, os.Environ())
		plan.Join = ns.SetOf(ns.Net) // without the user namespace it needs
		_, err := Start(t.Context(), pinned, plan, 80, 24)
		var step *StepError
		if !errors.As(err, &step) || step.Step != StepJoin || step.What != "net" || step.Errno != syscall.EPERM || step.Hint() == "" {
			t.Errorf("start: %v", err)
		}
	})
}

// A target whose root directory has nothing in it: no shell, and what it does have is found there only.
func TestNoShell(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{helperEnv + "=chroot", "DIR=" + root}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, cmd, ns.SetOf(ns.Mnt))
	waitFor(t, out, "ready")
	pinned := pin(t, p.ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All}, os.Environ())
	if plan.Ready() || !slices.ContainsFunc(plan.Checks, func(c Check) bool {
		return c.Level == Fail && strings.Contains(c.Text, "no shell")
	}) {
		t.Errorf("checks %v", plan.Checks)
	}
	if err := os.WriteFile(filepath.Join(root, "tool"), []byte("#!/no/interpreter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "static"), staticELF(), 0o755); err != nil {
		t.Fatal(err)
	}
	if !pinned.Look(true, "/static -x") || pinned.Look(true, "/tool") || pinned.Look(false, "/static") || pinned.Look(true, "/bin/sh") {
		t.Error("Look does not look in the target's root directory")
	}
	plan = NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/tool"}, os.Environ())
	_, err = Start(t.Context(), pinned, plan, 80, 24)
	var step *StepError
	if !errors.As(err, &step) || step.Step != StepExec || step.Errno != syscall.ENOENT {
		t.Errorf("start: %v", err)
	}
}

// A job in the background keeps the terminal open: closing our side must end a read that waits for it.
func TestCloseEndsReads(t *testing.T) {
	pinned := pin(t, startTarget(t, ns.SetOf(ns.User, ns.UTS)).ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/bin/sh"}, os.Environ())
	s, err := Start(t.Context(), pinned, plan, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Resize(100, 30); err != nil {
		t.Error(err)
	}
	typeLine(t, s, "trap '' HUP; sleep 1000 & echo job $!; exit 5")
	read := bufio.NewReader(s)
	job := 0
	for job == 0 {
		line, err := read.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, digits, ok := strings.Cut(strings.TrimSpace(line), "job "); ok {
			job, _ = strconv.Atoi(digits) // 0 for the echo of what was typed
		}
	}
	t.Cleanup(func() { _ = syscall.Kill(job, syscall.SIGKILL) })
	if st := s.Wait(); st != (Status{Code: 5}) {
		t.Errorf("status %v", st)
	}
	ended := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, read)
		ended <- err
	}()
	hangUp(t, s)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the read goes on after the terminal was closed")
	}
}

func TestStatusInWords(t *testing.T) {
	for want, st := range map[string]Status{
		"exited 3":               {Code: 3},
		"ended by SIGKILL (137)": {Signal: syscall.SIGKILL, Code: 137},
		"stopped by SIGSTOP":     {Stopped: true, Signal: syscall.SIGSTOP},
	} {
		if got := st.String(); got != want {
			t.Errorf("%+v is %q, want %q", st, got, want)
		}
	}
}

// When the program is killed its shells end, also those that do not care for a terminal that goes away.
func TestShellsEndWithTheProgram(t *testing.T) {
	for _, set := range []ns.Set{ns.SetOf(ns.User, ns.UTS), ns.SetOf(ns.User, ns.PID)} {
		t.Run(set.String(), func(t *testing.T) { testShellEnds(t, set) })
	}
}

func testShellEnds(t *testing.T, set ns.Set) {
	t.Helper()
	p := startTarget(t, set)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{helperEnv + "=enter", fmt.Sprint("PID=", p.ref().PID)}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	helper := startCommand(t, cmd, 0)
	var shell int
	if _, err := fmt.Fscanln(out, &shell); err != nil {
		t.Fatal(err)
	}
	pidfd, err := unix.PidfdOpen(shell, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pidfd)
	helper.end()
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int((10 * time.Second).Milliseconds()))
	if n != 1 || err != nil {
		t.Errorf("the shell %d outlives the program: %v", shell, err)
	}
}

// Entries from several goroutines while the program allocates and collects: nothing of it may reach
// the forked processes, and nothing of them stays.
func TestManyEntries(t *testing.T) {
	set := ns.All
	pinned := pin(t, startTarget(t, set).ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: set, Shell: "/bin/true"}, os.Environ())
	entry := func(cols int) error {
		s, err := Start(context.Background(), pinned, plan, cols, 24)
		if err != nil {
			return err
		}
		if st := s.Wait(); st != (Status{}) {
			err = fmt.Errorf("status %+v", st)
		}
		return errors.Join(err, s.Close())
	}
	if err := entry(80); err != nil { // what is made once
		t.Fatal(err)
	}
	fds, processes := openFDs(t), children(t)
	done := make(chan struct{})
	var storm sync.WaitGroup
	storm.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				runtime.GC()
			case <-done:
				return
			}
		}
	})
	const starters, entries = 4, 500
	errs := make(chan error, starters)
	for range starters {
		go func() {
			var err error
			for i := 0; i < entries && err == nil; i++ {
				garbage := make([]byte, 1<<20)
				err = entry(len(garbage) >> 14)
			}
			errs <- err
		}()
	}
	for range starters {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	close(done)
	storm.Wait()
	if now := openFDs(t); !slices.Equal(now, fds) {
		t.Errorf("open were %v, and are %v", fds, now)
	}
	if now := children(t); !slices.Equal(now, processes) {
		t.Errorf("children were %v, and are %v", processes, now)
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	if len(threads) > maxThreads {
		t.Errorf("%d threads are left", len(threads))
	}
}

// maxThreads is far more than the runtime makes for a few goroutines that wait in the kernel.
const maxThreads = 40

// children lists the processes this one has started and not waited for.
func children(t *testing.T) []string {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, file := range tasks {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ESRCH) { // a thread may end
			t.Fatal(err)
		}
		pids = append(pids, strings.Fields(string(text))...)
	}
	slices.Sort(pids)
	return pids
}

// However far an entry has come when it is cancelled, no process of it is left, not even a zombie.
func TestCancelLeavesNothing(t *testing.T) {
	pinned := pin(t, startTarget(t, ns.All).ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/bin/cat"}, os.Environ())
	before := children(t)
	cancelled := 0
	for i := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*50*time.Microsecond)
		s, err := Start(ctx, pinned, plan, 80, 24)
		switch {
		case err == nil:
			hangUp(t, s)
			s.Wait()
		case errors.Is(err, context.DeadlineExceeded):
			cancelled++
		default:
			t.Error(err)
		}
		cancel()
	}
	if after := children(t); !slices.Equal(before, after) {
		t.Errorf("children before %v, after %v", before, after)
	}
	if cancelled == 0 {
		t.Error("none was cancelled in time")
	}
}

// A cancelled entry may have become the shell already: nobody else would end it.
func TestSettleEndsAShellNobodyWants(t *testing.T) {
	cmd := exec.Command("cat")
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := settle(&Plan{}, told{pids: []int{cmd.Process.Pid}, killed: true}, nil, context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("settle: %v", err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it was not waited for")
	}
}

// helperEnv makes the test program do something else than testing.
const helperEnv = "NSTUI_TEST_HELPER"

func TestMain(m *testing.M) {
	if role := os.Getenv(helperEnv); role != "" {
		if err := help(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func help(role string) error {
	switch role {
	case "chroot":
		if err := syscall.Chroot(os.Getenv("DIR")); err != nil {
			return err
		}
		fmt.Println("ready")
	case "enter":
		var ref Ref
		if _, err := fmt.Sscan(os.Getenv("PID"), &ref.PID); err != nil {
			return err
		}
		t, err := Pin(ref)
		if err != nil {
			return err
		}
		t.Explore(true)
		s, err := Start(context.Background(), t, NewPlan(t.Facts(), Request{Kinds: ns.All, Shell: "/bin/sh"}, nil), 80, 24)
		if err != nil {
			return err
		}
		var told bytes.Buffer
		if _, err := fmt.Fprintln(s, "trap '' HUP TERM INT; echo re''ady"); err != nil {
			return err
		}
		for buf := make([]byte, 100); !strings.Contains(told.String(), "ready"); {
			n, err := s.Read(buf)
			if err != nil {
				return err
			}
			told.Write(buf[:n])
		}
		fmt.Println(s.PID())
	}
	_, err := io.Copy(io.Discard, os.Stdin) // until the test ends
	return err
}

// BenchmarkEnter measures an entry into the kinds that need no user namespace, until the program runs
// there has ended, beside nsenter(1) doing the same on the same machine at the same time.
func BenchmarkEnter(b *testing.B) {
	needRoot(b)
	set := ns.All.Without(ns.User).Without(ns.Time)
	p := startTarget(b, set)
	pinned := pin(b, p.ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: set, Shell: "/bin/true"}, os.Environ())
	var ours, theirs time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		s, err := Start(context.Background(), pinned, plan, 80, 24)
		if err != nil {
			b.Fatal(err)
		}
		s.Wait()
		ours += time.Since(start)
		hangUp(b, s)
		start = time.Now()
		if out, err := exec.Command("nsenter", "-t", strconv.Itoa(p.ref().PID), "-m", "-u", "-i", "-n", "-p", "-C", "/bin/true").CombinedOutput(); err != nil {
			b.Fatalf("nsenter: %v: %s", err, out)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x-nsenter")
}
