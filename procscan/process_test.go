package procscan

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// countTexts counts from now on how often the command lines are opened, by pid.
func countTexts(s *Scanner) map[int]int {
	reads := make(map[int]int)
	hook(s, func(call, path string) syscall.Errno {
		if dir, ok := strings.CutSuffix(path, "/cmdline"); ok && call == "open" {
			pid, _ := strconv.Atoi(dir)
			reads[pid]++
		}
		return 0
	})
	return reads
}

func TestTextsAreReadInTurn(t *testing.T) {
	f := newFixture(t)
	const procs, budget = 10, 4
	write := func(round int) {
		for pid := 1; pid <= procs; pid++ {
			f.write(fmt.Sprintf("%d/cmdline", pid), fmt.Sprintf("round\x00%d\x00", round))
			f.write(fmt.Sprintf("%d/cgroup", pid), fmt.Sprintf("0::/round/%d\n", round))
		}
	}
	for pid := 1; pid <= procs; pid++ {
		f.add(fixtureProc{pid: pid, start: 5, comm: "x"})
	}
	s := f.scanner()
	s.texts.limit = budget
	reads := countTexts(s)
	write(0)
	mustScan(t, s)
	for pid := 1; pid <= procs; pid++ {
		if reads[pid] != 1 {
			t.Fatalf("the first scan read %d %d times", pid, reads[pid])
		}
	}
	for round := 1; round <= 9; round++ {
		clear(reads)
		write(round)
		snap := mustScan(t, s)
		if len(reads) > budget {
			t.Errorf("round %d: %d processes were read", round, len(reads))
		}
		for i := range snap.Procs {
			p := snap.Procs[i]
			seen, _ := strconv.Atoi(p.Args[1])
			if p.Cgroup != "/round/"+p.Args[1] {
				t.Errorf("round %d: arguments %q with control group %q", round, p.Args, p.Cgroup)
			}
			if reads[p.PID] == 1 != (seen == round) {
				t.Errorf("round %d: %d was read %d times and is of round %d", round, p.PID, reads[p.PID], seen)
			}
			// Ten processes, four a scan: at most three scans until all had their turn.
			if round-seen >= 3 {
				t.Errorf("round %d: the texts of %d are of round %d", round, p.PID, seen)
			}
		}
	}
}

func TestTextsOfAFewProcessesAreAlwaysFresh(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, start: 5, comm: "x", cmdline: "a\x00"})
	s := f.scanner()
	mustScan(t, s)
	for _, title := range []string{"b", "c", "d"} {
		f.write("7/cmdline", title+"\x00")
		if got := mustScan(t, s).ByPID(7).Args[0]; got != title {
			t.Errorf("it is %q, not %q", got, title)
		}
	}
}

func TestTextsAreReadAgainWhenNeeded(t *testing.T) {
	base := fixtureProc{pid: 7, start: 5, comm: "sh", cmdline: "old\x00", cgroup: "0::/old\n"}
	tests := []struct {
		name   string
		change func(p *fixtureProc)
		fresh  bool
	}{
		{"unchanged", func(*fixtureProc) {}, false},
		{"another name", func(p *fixtureProc) { p.comm = "cat" }, true},
		{"another process", func(p *fixtureProc) { p.start = 6 }, true},
		{"no known start", func(p *fixtureProc) { p.stat = "7 (cut) S" }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.add(base)
			s := f.scanner()
			s.texts.limit = 0
			mustScan(t, s)
			next := base
			test.change(&next)
			f.write("7/stat", next.statText())
			f.write("7/cmdline", "new\x00")
			f.write("7/cgroup", "0::/new\n")
			p := mustScan(t, s).ByPID(7)
			if fresh := p.Args[0] == "new" && p.Cgroup == "/new"; fresh != test.fresh {
				t.Errorf("it is %+v", p)
			}
		})
	}
}

// TestPIDReusedWithinATick is about two processes with the same pid, name and start: the clock of
// proc ticks every 10 ms. Their directories are different ones.
func TestPIDReusedWithinATick(t *testing.T) {
	f := newFixture(t)
	p := fixtureProc{pid: 7, start: 5, comm: "sh", cmdline: "old\x00"}
	f.add(p)
	s := f.scanner()
	s.texts.limit = 0
	mustScan(t, s)
	f.add(fixtureProc{pid: 8}) // takes the inode numbers that would be free
	f.remove("7")
	f.add(fixtureProc{pid: 9})
	p.cmdline = "new\x00"
	f.add(p)
	if got := mustScan(t, s).ByPID(7).Args[0]; got != "new" {
		t.Errorf("the new process has the arguments of the %s one", got)
	}
}

func TestNewNeighboursLeaveTextsAlone(t *testing.T) {
	f := newFixture(t)
	for pid := 100; pid < 110; pid++ {
		f.add(fixtureProc{pid: pid, start: 5, comm: "x", cmdline: "x\x00"})
	}
	s := f.scanner()
	s.texts.limit = 0
	mustScan(t, s)
	reads := countTexts(s)
	for round := range 3 {
		clear(reads)
		born := 50 + round
		f.add(fixtureProc{pid: born, start: 6, comm: "y"})
		f.remove(strconv.Itoa(105 + round))
		mustScan(t, s)
		if len(reads) != 1 || reads[born] != 1 {
			t.Errorf("round %d: read were %v", round, reads)
		}
	}
}

func TestRenamedKernelThreadIsNotReadAgain(t *testing.T) {
	f := newFixture(t)
	p := fixtureProc{pid: 7, start: 5, comm: "kworker/0:1-events", flags: flagKthread, cgroup: "0::/\n"}
	f.add(p)
	s := f.scanner()
	s.texts.limit = 0
	mustScan(t, s)
	p.comm = "kworker/0:1-mm_percpu_wq"
	f.write("7/stat", p.statText())
	f.remove("7/cgroup")
	if got := mustScan(t, s).ByPID(7); got.Comm != p.comm || got.Cgroup != "/" {
		t.Errorf("it is %+v", got)
	}
}

// TestDyingWhileOpen is about files that were opened in time: reading them fails with ESRCH.
func TestDyingWhileOpen(t *testing.T) {
	for file, lives := range map[string]bool{"stat": false, "cmdline": true, "cgroup": true, "status": true} {
		f := newFixture(t)
		f.add(fixtureProc{pid: 7, start: 5, comm: "sh", cmdline: "sh\x00"})
		s := f.scanner()
		hook(s, func(call, path string) syscall.Errno {
			if call == "read" && path == "7/"+file {
				return unix.ESRCH
			}
			return 0
		})
		snap := mustScan(t, s)
		if (snap.ByPID(7) != nil) != lives || len(snap.Unreadable) != 0 {
			t.Errorf("dead at %s: %+v, counted %v", file, snap.Procs, snap.Unreadable)
		}
	}
}

func TestRefusedTexts(t *testing.T) {
	for _, file := range []string{"stat", "cmdline", "cgroup", "status"} {
		f := newFixture(t)
		f.add(fixtureProc{pid: 7, start: 5, comm: "sh", cmdline: "sh\x00"})
		s := f.scanner()
		hook(s, func(call, path string) syscall.Errno {
			if call == "open" && path == "7/"+file {
				return unix.EIO
			}
			return 0
		})
		snap := mustScan(t, s)
		if p := snap.ByPID(7); p == nil || p.NS != hostNS || p.Refused != "" || snap.Unreadable[Other] != 1 {
			t.Errorf("without %s: %+v, counted %v", file, p, snap.Unreadable)
		}
	}
}

func TestProcessThatBecomesAZombie(t *testing.T) {
	f := newFixture(t)
	p := fixtureProc{pid: 7, start: 5, comm: "sh", cmdline: "sh\x00"}
	f.add(p)
	s := f.scanner()
	s.texts.limit = 0
	mustScan(t, s)
	// It ends after its stat is read: the first missing link must lead to a second look.
	p.state = "Z"
	ended := false
	hook(s, func(_, path string) syscall.Errno {
		if path == "7/ns/net" && !ended {
			ended = true
			f.write("7/stat", p.statText())
			for _, name := range []string{"cgroup", "ipc", "mnt", "net", "time", "uts"} {
				f.remove("7/ns/" + name)
			}
		}
		return 0
	})
	snap := mustScan(t, s)
	got := snap.ByPID(7)
	if got == nil || !got.Zombie() || got.Args != nil || got.NS.Known().String() != "pid user" {
		t.Errorf("it is %+v", got)
	}
}
