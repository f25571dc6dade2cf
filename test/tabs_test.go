package test

import (
	"os"
	"strings"
	"testing"

	"nstui/test/drive"
)

// again has the shell on the screen, which has ended, run once more. What is typed right after the end is not
// taken: then that is said, and the key is pressed again.
func (s *session) again(ended string) {
	s.t.Helper()
	s.wait(ended)
	for asked := true; asked; {
		s.send("r")
		s.waitFor("another shell, or a word why not", func(v drive.View) bool {
			asked = v.Contains("press r again")
			return asked || !v.Contains(ended)
		})
		if asked { // a key takes that away, so that it is said anew
			s.send("j")
			s.gone("press r again")
		}
	}
	s.wait("INSIDE")
}

// Two shells of the same kind, what runs in them, one that is run again, and the whole terminal for it.
func TestTabsOfShells(t *testing.T) {
	pid := webServer(t)
	tab := "quokka net"
	if os.Getuid() != 0 { // who needs its user namespace, too, has all in which it differs
		tab = "quokka all"
	}
	s := shellOf(t, pid)
	s.send(drive.Prefix + "c")
	s.wait("1:"+tab, "[2:"+tab+"]")
	s.send("readlink /proc/self/ns/net; cat" + drive.Enter)
	s.wait("net:["+inode(t, pid, "net")+"]", "[2:"+tab+" (cat)]")
	s.send(drive.Prefix + "w")
	s.wait("go there", "running 0")
	s.send("1")
	s.wait("[1:"+tab+"]", "2:"+tab+" (cat)")
	s.send("exit 7" + drive.Enter)
	s.again("exited 7")
	s.wait("[1:"+tab+"]", "2:"+tab+" (cat)")

	s.send(drive.Prefix + "f")
	s.gone("INSIDE")
	s.waitFor("a title that tells the way back", func(v drive.View) bool {
		return strings.HasPrefix(v.Title(), "nstui: "+tab) && strings.HasSuffix(v.Title(), "ctrl+] f: back")
	})
	s.send("echo $((6*7))x" + drive.Enter)
	s.wait("42x")
	s.send(drive.Prefix + "f")
	s.wait("INSIDE", "42x", "[1:"+tab+"]")
	s.waitFor("the title of the screen", func(v drive.View) bool { return !strings.Contains(v.Title(), "back") })

	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.wait(" 1:" + tab + " (cat)") // the only one now
	s.send("b")
	s.wait("INSIDE")
	s.send("\x04")
	s.waitFor("a prompt", prompt)
	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.send("q")
	s.exit(0)
}
