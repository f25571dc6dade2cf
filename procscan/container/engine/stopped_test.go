package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// nobody is a skip that leaves nobody out.
func nobody(Socket) bool { return false }

// Engines are asked for what does not run, in their own words.
func TestListStopped(t *testing.T) {
	f := startFake(t, says(ok(`[{"Id":"`+id(1)+`","Names":["/web"],"State":"exited","Status":"Exited (7) 2 days ago",
		"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db"}},{"Id":"`+id(2)+`","Names":["/run"],"State":"running"}]`)))
	again := f.socket
	again.Given = true // another name of the same file
	want := Stopped{
		Engine: Docker, UID: f.socket.UID, ID: id(1), Name: "web", State: "exited", Status: "Exited (7) 2 days ago",
		Labels: map[string]string{"com.docker.compose.project": "shop", "com.docker.compose.service": "db"},
	}
	if got := listStopped(t.Context(), []Socket{f.socket, again}, nobody, time.Minute); !reflect.DeepEqual(got, []Stopped{want}) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	asked := []string{"GET /containers/json?all=1&filters=%7B%22status%22%3A%5B%22created%22%2C%22exited%22%2C%22dead%22%2C%22restarting%22%5D%7D HTTP/1.0"}
	if got := f.questions(); !slices.Equal(got, asked) {
		t.Errorf("it was asked %q", got)
	}
	if got := listStopped(t.Context(), []Socket{f.socket}, func(s Socket) bool { return s == f.socket }, time.Minute); got != nil || len(f.questions()) != 1 {
		t.Errorf("one that is to be skipped says %+v", got)
	}
	other := f.socket
	other.UID++ // a user's own, whom nobody else believes
	if got := listStopped(t.Context(), []Socket{other}, nobody, time.Minute); got != nil {
		t.Errorf("one of another user says %+v", got)
	}
}

// Of the labels of all only so many are kept.
func TestStoppedLabels(t *testing.T) {
	text := `[{"Id":"` + id(1) + `","Labels":{` + strings.Join(short(3), ",") + `}},{"Id":"` + id(2) + `","Labels":{` + strings.Join(short(3), ",") + `}}]`
	got, err := decodeStopped(strings.NewReader(text), limits{container: 1 << 10, containers: 9, labels: 5})
	if err != nil || len(got) != 2 || len(got[0].Labels) != 3 || got[1].Labels != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestListStoppedPodman(t *testing.T) {
	f := startFake(t, says(ok(`[{"Id":"`+id(1)+`","Names":["pweb"],"State":"exited","ExitCode":137,"ExitedAt":1795352758,"Exited":true},
		{"Id":"`+id(2)+`","Names":["born"],"State":"created","ExitedAt":-62135596800},{"Id":"`+id(3)+`","Names":["p"],"State":"paused"}]`)))
	name := filepath.Join(filepath.Dir(f.socket.file()), "podman.sock")
	if err := os.Rename(f.socket.file(), name); err != nil {
		t.Fatal(err)
	}
	f.socket.Path = "/podman.sock"
	got := listStopped(t.Context(), []Socket{f.socket}, nobody, time.Minute)
	if len(got) != 2 || got[0].Engine != Podman || got[0].Exit != 137 || got[0].Ended.Unix() != 1795352758 || got[1].Name != "born" || !got[1].Ended.IsZero() {
		t.Errorf("got %+v", got)
	}
	if asked := f.questions(); len(asked) != 1 || asked[0] != "GET /v4.0.0/libpod/containers/json?all=true HTTP/1.0" {
		t.Errorf("it was asked %q", asked)
	}
}

// Whoever does not answer, or something else than a list, costs no more than its time.
func TestListStoppedOfNobody(t *testing.T) {
	for name, answer := range map[string]string{
		"no list": ok(`{}`), "no id": ok(`[{"Id":"x"}]`), "html": "HTTP/1.0 200 OK\r\n\r\n<html>", "refusal": "HTTP/1.0 500 No\r\n\r\n{}",
		"too many": ok("[" + strings.Repeat(fmt.Sprintf(`{"Id":"%s","Status":"%s"},`, id(1), strings.Repeat("x", 1<<20)), 2) + "]"),
	} {
		f := startFake(t, says(answer))
		if got := listStopped(t.Context(), []Socket{f.socket}, nobody, time.Minute); len(got) > 0 {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	hung, fine := startFake(t, holds), startFake(t, says(ok(`[{"Id":"`+id(1)+`","Names":["/web"],"State":"dead"}]`)))
	if got := listStopped(t.Context(), []Socket{hung.socket, fine.socket}, nobody, patience); len(got) != 1 || got[0].Name != "web" {
		t.Errorf("beside one that hangs: got %+v", got)
	}
}
