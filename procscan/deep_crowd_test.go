//go:build amd64 || arm64

package procscan

import (
	"testing"

	"nstui/procscan/ns"
	"nstui/test/crowd"
)

// holders are the words package crowd has for holders.
var holders = map[string]Holder{
	"fd": ByFile, "socket": BySocket, "mount": ByMount, "far mount": ByMount, "thread": ByThread,
}

// What a crowd holds is found, each thing once and with its holder.
func TestDeepIntoCrowd(t *testing.T) {
	c := crowd.Start(t, crowd.Options{Processes: 100})
	snap := scanDeep(t)
	if len(c.Held) < len(holders) {
		t.Errorf("only %d are held", len(c.Held))
	}
	for _, held := range c.Held {
		kind, _ := ns.ParseKind(held.Kind)
		n := snap.Namespace(ns.ID{Kind: kind, Ino: held.Ino})
		if n == nil {
			t.Errorf("%+v is not found", held)
			continue
		}
		if len(n.Members) != 0 || len(n.Keepers) != 1 || n.Keepers[0].By != holders[held.By] || !n.OwnerKnown {
			t.Errorf("%+v is found as %+v", held, n)
		}
	}
}

// A scan for one kind finds of it what one for all kinds finds, whatever holds it.
func TestKindsOfCrowd(t *testing.T) {
	c := crowd.Start(t, crowd.Options{Processes: 100})
	want := Owners | Leaders | Deep
	full, err := New(Options{Root: c.Root}).Scan(t.Context(), want, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ns.Kinds() {
		alone, err := New(Options{Root: c.Root, Kinds: ns.Set(0).With(k)}).Scan(t.Context(), want, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameNamespaces(t, k, full, alone)
	}
	// Sockets are found only where pids are our own.
	net, err := New(Options{Kinds: ns.Set(0).With(ns.Net)}).Scan(t.Context(), want, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range c.Held {
		if held.Kind == ns.Net.String() && net.Namespace(ns.ID{Kind: ns.Net, Ino: held.Ino}) == nil {
			t.Errorf("%+v is not found", held)
		}
	}
}

// BenchmarkDeepCrowd is BenchmarkDeep over /proc with a crowd in it.
func BenchmarkDeepCrowd(b *testing.B) {
	c := crowd.Start(b, crowd.Options{Processes: 10_000})
	b.Logf("%d threads, %d namespaces", c.Threads, c.Namespaces)
	BenchmarkDeep(b)
}
