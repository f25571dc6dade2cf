package cli

import (
	"strings"
	"testing"
)

// Beside pods each container has its runtime in the list, which is no wider than the terminal.
func TestAmbiguousListFits(t *testing.T) {
	snap, namer := harbour()
	other := namer.told[longID("d2")]
	other.Name, other.Pod = "coredns", nil
	namer.told[longID("aaaa1")] = other
	r := searchIn(snap, namer)
	r.width = 60
	_, err := r.resolve("coredns")
	want := `target "coredns": 2 containers could be meant, take one by its pid or whole name:
  PID  USER  DIFFERS   NAME                              RU…
  100  u0    -imnp--u  containerd:coredns                co…
  201  u0    -imnp--u  kube-system/coredns-5d78/coredns  co…`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	r.width = 0
	if _, err = r.resolve("coredns"); !strings.Contains(err.Error(), "  containerd:coredns                containerd  coredns:1 ") {
		t.Errorf("got\n%v", err)
	}
}
