package engine

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// thousand is an answer for 1,000 containers, each as large as a real one with a few labels.
func thousand() string {
	one := strings.TrimSuffix(strings.TrimPrefix(web, "["), "]\n")
	list := make([]string, 1000)
	for n := range list {
		list[n] = strings.Replace(one, "114d1ed6693393902f2a8dee9611dcb1d2ebc015f70a2ea1fbf1d45c94cc6fdb", id(n), 1)
	}
	return ok("[" + strings.Join(list, ",") + "]\n")
}

// BenchmarkParse reads an answer for 1,000 containers.
func BenchmarkParse(b *testing.B) {
	answer := thousand()
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if list, _, err := parse(strings.NewReader(answer), most); err != nil || len(list) != 1000 {
			b.Fatal(len(list), err)
		}
	}
}

// BenchmarkList asks for 1,000 containers over a socket.
func BenchmarkList(b *testing.B) {
	root, err := os.MkdirTemp("", "engine")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(root) })
	s := Socket{Engine: Docker, Root: root, Path: "/docker.sock", UID: uint32(os.Getuid())}
	listener, err := net.Listen("unix", filepath.Join(root, s.Path))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	f, answer := new(fake), says(thousand())
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.serve(conn, answer)
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		if list, err := List(b.Context(), s); err != nil || len(list) != 1000 {
			b.Fatal(len(list), err)
		}
	}
}

// BenchmarkAsleep looks for an engine among all processes of this machine.
func BenchmarkAsleep(b *testing.B) {
	l := lookout{proc: "/proc"}
	b.ReportAllocs()
	for b.Loop() {
		if pids := l.named(0, "no such name"); pids != nil {
			b.Fatal(pids)
		}
	}
}

// BenchmarkFind looks up one container among 1,000.
func BenchmarkFind(b *testing.B) {
	list, _, err := parse(strings.NewReader(thousand()), most)
	if err != nil {
		b.Fatal(err)
	}
	k := &Known{byID: make(map[string][]Container)}
	for _, c := range list {
		k.byID[c.ID] = append(k.byID[c.ID], c)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, found := k.Find(id(500), 1000); !found {
			b.Fatal("not found")
		}
	}
}
