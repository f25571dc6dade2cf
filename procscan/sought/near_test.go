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
