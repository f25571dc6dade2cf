package procscan

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

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

// TestTextsOfAnother gives the pid to another process between the first pass and the texts.
func TestTextsOfAnother(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, start: 5, comm: "first", cmdline: "first\x00"})
	s := f.scanner()
	fd, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(fd)
	r := newReader(s.sys, fd)
	self := r.host()
	entries, err := r.list(nil)
	if err != nil || len(entries) != 1 {
		t.Fatalf("listed are %v, %v", entries, err)
	}
	p, _, _ := r.process(entries[0], &host{kinds: ns.All})
	if with, why, alive := r.texts(p, entries[0], &self); !alive || why != "" || with == p || with.Args[0] != "first" || p.Texts {
		t.Errorf("its texts are %+v, %q", with, why)
	}
	f.add(fixtureProc{pid: 8, comm: "in its inode"})
	f.remove("7")
	f.add(fixtureProc{pid: 9, comm: "in its inode"})
	// In the same tick of the clock: then it can be told only as a whole.
	links := hostNS
	links[ns.Net] = 99
	second := fixtureProc{pid: 7, start: 5, comm: "second", cmdline: "second\x00", links: links}
	f.add(second)
	if with, _, alive := r.texts(p, entries[0], &self); !alive || with.Args[0] != "second" || with.Comm != "second" || with.NS != links {
		t.Errorf("the texts of another are %+v", with)
	}
	second.start = 6
	f.write("7/stat", second.statText())
	for name, read := range map[string]reading{"texts": (*reader).texts, "command": (*reader).command} {
		if with, _, alive := read(r, p, entries[0], &self); alive {
			t.Errorf("the %s of a later one are %+v", name, with)
		}
	}
}
