package procscan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"nstui/procscan/ns"
)

func TestKindsAlone(t *testing.T) {
	f := newFixture(t)
	links := hostNS
	for k := range links {
		links[k] += 100
	}
	f.add(fixtureProc{pid: 1, start: 1, comm: "init"})
	f.add(fixtureProc{pid: 7, ppid: 1, start: 5, comm: "sh", links: links})
	full := mustScan(t, f.scanner())
	for _, k := range ns.Kinds() {
		s := f.scanner()
		s.kinds = ns.Set(0).With(k)
		var read []string
		hook(s, func(call, path string) syscall.Errno {
			if call == "readlink" && strings.HasPrefix(path, "7/ns/") {
				read = append(read, strings.TrimPrefix(path, "7/ns/"))
			}
			return 0
		})
		snap, err := s.Scan(context.Background(), 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameNamespaces(t, k, full, snap)
		want := []string{k.String()}
		switch k {
		case ns.PID, ns.Time:
			want = append(want, k.String()+"_for_children")
		case ns.User:
			want = nil // it may be the owner of any
		default:
		}
		if want != nil && !slices.Equal(read, want) {
			t.Errorf("%s: read are the links %v", k, read)
		}
	}
}

// sameNamespaces fails the test unless the second picture has the namespaces of the kind as the first
// has them, and no others.
func sameNamespaces(t *testing.T, k ns.Kind, full, alone *Snapshot) {
	t.Helper()
	for other, list := range alone.Namespaces {
		if ns.Kind(other) != k && len(list) != 0 {
			t.Errorf("%s: there are %s namespaces", k, ns.Kind(other))
		}
	}
	got, want := alone.Namespaces[k], full.Namespaces[k]
	if len(got) != len(want) {
		t.Errorf("%s: there are %d namespaces instead of %d", k, len(got), len(want))
		return
	}
	for i := range want {
		a, b := describe(full, &want[i]), describe(alone, &got[i])
		if a != b {
			t.Errorf("%s: it is\n%s, not\n%s", k, b, a)
		}
	}
}

// describe says all that is known of a namespace, its members by their pids.
func describe(snap *Snapshot, n *Namespace) string {
	about := *n
	about.Members = nil
	for _, i := range n.Members {
		about.Members = append(about.Members, snap.Procs[i].PID)
	}
	if n.Leader >= 0 {
		about.Leader = snap.Procs[n.Leader].PID
	}
	return fmt.Sprintf("%+v", about)
}
