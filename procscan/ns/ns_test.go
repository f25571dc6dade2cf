package ns

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFactsAreTheKernels(t *testing.T) {
	want := map[Kind]struct {
		name   string
		letter byte
		flag   uint32
	}{
		Cgroup: {"cgroup", 'C', unix.CLONE_NEWCGROUP},
		IPC:    {"ipc", 'i', unix.CLONE_NEWIPC},
		Mnt:    {"mnt", 'm', unix.CLONE_NEWNS},
		Net:    {"net", 'n', unix.CLONE_NEWNET},
		PID:    {"pid", 'p', unix.CLONE_NEWPID},
		Time:   {"time", 'T', unix.CLONE_NEWTIME},
		User:   {"user", 'U', unix.CLONE_NEWUSER},
		UTS:    {"uts", 'u', unix.CLONE_NEWUTS},
	}
	if len(want) != NumKinds {
		t.Fatalf("%d kinds are tested, there are %d", len(want), NumKinds)
	}
	for k, w := range want {
		if k.String() != w.name || k.Letter() != w.letter || k.CloneFlag() != w.flag {
			t.Errorf("kind %d is %s %c %#x, want %s %c %#x",
				k, k, k.Letter(), k.CloneFlag(), w.name, w.letter, w.flag)
		}
		if k.Flag() != "-"+string(w.letter) {
			t.Errorf("the option of %s is %s", k, k.Flag())
		}
		if got, ok := ParseKind(w.name); !ok || got != k {
			t.Errorf("ParseKind(%q) = %v, %v", w.name, got, ok)
		}
		if got, ok := KindOfLetter(w.letter); !ok || got != k {
			t.Errorf("KindOfLetter(%q) = %v, %v", w.letter, got, ok)
		}
	}
}

func TestKindsAreInOrder(t *testing.T) {
	last := ""
	for i, k := range Kinds() {
		if int(k) != i || k.String() <= last {
			t.Errorf("kind %d is %s after %s", i, k, last)
		}
		last = k.String()
	}
}

func TestByEffectHasEveryKind(t *testing.T) {
	kinds := ByEffect()
	if set := SetOf(kinds[:]...); set != All {
		t.Errorf("it has %s", set)
	}
}

func TestUnknownKinds(t *testing.T) {
	for _, name := range []string{"", "Net", "net ", "pid_for_children", "kind(9)"} {
		if k, ok := ParseKind(name); ok {
			t.Errorf("ParseKind(%q) = %v", name, k)
		}
	}
	for _, letter := range []byte{0, '-', 'N', 't', 'c'} {
		if k, ok := KindOfLetter(letter); ok {
			t.Errorf("KindOfLetter(%q) = %v", letter, k)
		}
	}
	if got := Kind(9).String(); got != "kind(9)" {
		t.Errorf("Kind(9) is %q", got)
	}
}

func TestParseLink(t *testing.T) {
	good := map[string]ID{
		"net:[4026531840]":            {Net, 4026531840},
		"cgroup:[1]":                  {Cgroup, 1},
		"user:[18446744073709551615]": {User, 1<<64 - 1},
	}
	for text, want := range good {
		got, err := ParseLink(text)
		if err != nil || got != want {
			t.Errorf("ParseLink(%q) = %v, %v, want %v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
	bad := []string{
		"", "net", "net:", "net:[", "net:[]", "net:[1", "net:1]", "net:[1]x", "net:[1]\n", "net:[0]",
		"net:[-1]", "net:[+1]", "net:[1_0]", "net:[0x1]", "net:[18446744073709551616]", "Net:[1]",
		"socket:[1]", "mnt:[[1]]", ":[1]", "/dev/null", "pid_for_children:[1]", "net:[ 1]",
	}
	for _, text := range bad {
		got, err := ParseLink(text)
		if !errors.Is(err, ErrLink) || got != (ID{}) {
			t.Errorf("ParseLink(%q) = %v, %v, want ErrLink", text, got, err)
		}
	}
}

func TestParseLinkOfThisProcess(t *testing.T) {
	seen := 0
	for _, k := range Kinds() {
		text, err := os.Readlink("/proc/self/ns/" + k.String())
		if errors.Is(err, os.ErrNotExist) {
			continue // a kind this kernel does not have
		}
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if id, err := ParseLink(text); err != nil || id.Kind != k || id.String() != text {
			t.Errorf("ParseLink(%q) = %v, %v", text, id, err)
		}
	}
	if seen == 0 {
		t.Fatal("this process has no namespaces")
	}
}

func FuzzParseLink(f *testing.F) {
	for _, text := range []string{"net:[4026531840]", "net:[]", "mnt:[007]", "user:[+1]", "\x1b[31m:[1]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseLink(text)
		if err != nil {
			if id != (ID{}) {
				t.Fatalf("ParseLink(%q) = %v beside an error", text, id)
			}
			return
		}
		if again, err := ParseLink(id.String()); err != nil || again != id {
			t.Fatalf("%q is %v, which parses as %v, %v", text, id, again, err)
		}
		if !strings.HasPrefix(text, id.Kind.String()+":[") || id.Ino == 0 {
			t.Fatalf("ParseLink(%q) = %v", text, id)
		}
	})
}

func TestTuple(t *testing.T) {
	host := Tuple{Cgroup: 1, IPC: 2, Mnt: 3, Net: 4, PID: 5, User: 7, UTS: 8}
	pod := Tuple{Cgroup: 1, IPC: 2, Mnt: 30, Net: 40, Time: 6, User: 7}
	if got := pod.Known(); got != SetOf(Cgroup, IPC, Mnt, Net, Time, User) {
		t.Errorf("known are %v", got)
	}
	// A kind that only one of them has, or none, does not differ: nothing is known about it.
	if got, want := pod.Differs(&host), SetOf(Mnt, Net); got != want || host.Differs(&pod) != want {
		t.Errorf("they differ in %v and %v, want %v", got, host.Differs(&pod), want)
	}
	if got := host.Differs(&host); got != 0 {
		t.Errorf("a tuple differs from itself in %v", got)
	}
	if got := pod.ID(Net); got != (ID{Net, 40}) {
		t.Errorf("its network namespace is %v", got)
	}
}

func TestSet(t *testing.T) {
	tests := []struct {
		set     Set
		letters string
		names   string
	}{
		{0, "--------", ""},
		{SetOf(Net), "---n----", "net"},
		{SetOf(UTS, Mnt, Cgroup), "C-m----u", "cgroup mnt uts"},
		{SetOf(Time, PID), "----pT--", "pid time"},
		{All, "CimnpTUu", "cgroup ipc mnt net pid time user uts"},
	}
	for _, test := range tests {
		if got := test.set.Letters(); got != test.letters {
			t.Errorf("letters are %q, want %q", got, test.letters)
		}
		if got := test.set.String(); got != test.names {
			t.Errorf("names are %q, want %q", got, test.names)
		}
		if got := SetOf(test.set.Kinds()...); got != test.set {
			t.Errorf("the set of the kinds of %v is %v", test.set, got)
		}
		if test.set.Len() != len(test.set.Kinds()) {
			t.Errorf("%v has %d kinds", test.set, test.set.Len())
		}
	}
}

func TestSetChanges(t *testing.T) {
	for s := range int(All) + 1 {
		s := Set(s)
		for _, k := range Kinds() {
			if !s.With(k).Has(k) || s.Without(k).Has(k) || s.Toggle(k).Has(k) == s.Has(k) {
				t.Fatalf("%v with, without or toggled %v is wrong", s, k)
			}
			others := s.Without(k)
			if s.With(k).Without(k) != others || s.Toggle(k).Without(k) != others {
				t.Fatalf("changing %v in %v changes another kind", k, s)
			}
		}
	}
}
