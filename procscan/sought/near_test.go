package sought

import (
	"strings"
	"testing"
)

func TestNear(t *testing.T) {
	names := []string{"web", "webserver", "kube-system/coredns-5d78", "nginx.service", "postgres", "postgres", "x", ""}
	for typed, want := range map[string]string{
		"weB":                          "web webserver",
		"corends":                      "kube-system/coredns-5d78",
		"wbe":                          "web",
		"cordns":                       "kube-system/coredns-5d78",
		"coredns":                      "kube-system/coredns-5d78",
		"ngnix":                        "nginx.service",
		"ngin":                         "nginx.service",
		"postgre":                      "postgres",
		"y":                            "",
		"":                             "",
		strings.Repeat("long", 10_000): "",
	} {
		if got := strings.Join(Near(typed, names), " "); got != want {
			t.Errorf("%.20s: got %q, want %q", typed, got, want)
		}
	}
}

func TestOthers(t *testing.T) {
	at := newHost().place(t)
	netns := []string{"blue", "b\x1b"}
	for word, want := range map[string]string{
		"blue":            "a network namespace is called so: netns:blue",
		"b\x1b":           "a network namespace is called so: netns:b\x1b",
		"pod/shop":        "a project of compose is called so: compose:shop",
		"pod/kube-system": "a namespace of Kubernetes is called so: k8s:kube-system",
		"pod:kube-system": "a namespace of Kubernetes is called so: k8s:kube-system",
		"netns:blue":      "",
		"nobody":          "",
		"":                "",
	} {
		if got := strings.Join(at.Others(word, netns), ", "); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

// Whoever makes names with many dashes does not make it cost more to compare them.
func TestNearOfManyDashes(t *testing.T) {
	typed := strings.Repeat("abc", 20)
	cost := func(name string) float64 {
		return testing.AllocsPerRun(10, func() { nearest(typed, name) })
	}
	plain, dashes := cost(strings.Repeat("x", maxName)), cost(strings.Repeat("x-", maxName/2))
	if dashes > plain {
		t.Errorf("it allocates %v times for one with dashes, %v times for one without", dashes, plain)
	}
	// Each may be the one before which the name ends that is meant.
	name := "a" + strings.Repeat("-a", 30)
	for _, typed := range []string{"a-a-a", strings.Repeat("a-", 20) + "a", name[:len(name)-2]} {
		if far, ok := nearest(typed, name); far != 0 || !ok {
			t.Errorf("%s is %d from %s, %v", typed, far, name, ok)
		}
	}
}
