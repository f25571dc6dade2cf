package container

import (
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// TestWhoseIsAskedOnce holds that where no time is left for what is a user's, nothing is read but whose it is, and that
// once.
func TestWhoseIsAskedOnce(t *testing.T) {
	tree := newTree(t)
	tree.add(task{pid: 12, uid: 1000, comm: "bwrap", args: []string{"bwrap", "sh"}})
	tree.add(task{pid: 13, ppid: 12, uid: 1000, comm: "sh", ns: within(13, ns.PID, ns.Mnt)})
	r := tree.resolver()
	look := func() *entry {
		r.round++
		s := r.survey(tree.scan(procscan.Groups))
		s.spent[blame{uid: 1000}] = maxSpent + 1
		if !s.settle() {
			t.Fatal("there is nothing to be asked about")
		}
		r.investigate(t.Context(), s, s.due)
		return s.due[0]
	}
	if e := look(); e.suspect != 1000 || e.tries != 0 {
		t.Fatalf("it is %d's, and was looked up %d times", e.suspect, e.tries)
	}
	// It would be another's now, of whom less was looked for.
	tree.own(tree.root+"/12", 2000)
	tree.own(tree.root+"/13", 2000)
	if e := look(); e.suspect != 1000 || e.tries != 0 {
		t.Errorf("then it is %d's, and was looked up %d times", e.suspect, e.tries)
	}
}
