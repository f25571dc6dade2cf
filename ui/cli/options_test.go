package cli

import (
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestPrefixFlag(t *testing.T) {
	good := map[string]string{
		"ctrl+]": "ctrl+]", "Ctrl-A": "ctrl+a", "C-b": "ctrl+b", "^]": "ctrl+]", "^^": "ctrl+^",
		`ctrl+\`: `ctrl+\`, "ctrl+_": "ctrl+_", "CTRL+Z": "ctrl+z",
	}
	for in, want := range good {
		var f prefixFlag
		if err := f.Set(in); err != nil || string(f) != want {
			t.Errorf("Set(%q) gave %q, %v, want %q", in, f, err, want)
		}
	}
	// A single key, a key that terminals send for another one, and what is no key at all.
	for _, in := range []string{
		"", "a", "]", "ctrl", "ctrl+", "^", "ctrl+1", "ctrl+é", "ctrl+ab", "alt+a", "ctrl+shift+a", "f1", "esc",
		"ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h", "ctrl+[", "ctrl+c", "ctrl+@", "ctrl+ ", "ctrl+\x1d", "\x1d",
	} {
		f := prefixFlag("unchanged")
		if err := f.Set(in); err == nil || f != "unchanged" {
			t.Errorf("Set(%q) gave %q, %v, want an error", in, f, err)
		}
	}
}

func TestIntervalFlag(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"2s": 2 * time.Second, "2": 2 * time.Second, "0.5": 500 * time.Millisecond, "1m": time.Minute, "100ms": 100 * time.Millisecond,
	} {
		var f intervalFlag
		if err := f.Set(in); err != nil || time.Duration(f) != want {
			t.Errorf("Set(%q) gave %v, %v, want %v", in, time.Duration(f), err, want)
		}
	}
	for _, in := range []string{"", "0", "-1s", "99ms", "61m", "2 s", "1e9", "s"} {
		var f intervalFlag
		if err := f.Set(in); err == nil {
			t.Errorf("Set(%q) gave %v, want an error", in, time.Duration(f))
		}
	}
}

func TestHistoryFlag(t *testing.T) {
	for in, want := range map[string]int{"0": -1, "1": 1, "5000": 5000, "100000": 100_000} {
		var f historyFlag
		if err := f.Set(in); err != nil || f.lines() != want {
			t.Errorf("Set(%q) gave %d, %v, want %d", in, f.lines(), err, want)
		}
	}
	for _, in := range []string{"", "-1", "100001", "1e3", "10k", "99999999999999999999"} {
		f := historyFlag(7)
		if err := f.Set(in); err == nil || f != 7 {
			t.Errorf("Set(%q) gave %d, %v, want an error", in, f, err)
		}
	}
}

func TestParsePasswd(t *testing.T) {
	const file = `root:x:0:0:root:/root:/bin/bash
toor:x:0:0:again:/root:/bin/sh
+::::::
broken
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
big:x:4294967296:0::/:
`
	got := parsePasswd(strings.NewReader(file))
	want := map[uint32]string{0: "root", 65534: "nobody"}
	if len(got) != len(want) || got[0] != want[0] || got[65534] != want[65534] {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUsersWithoutFile(t *testing.T) {
	if got := newUsers("/nonexistent/passwd").name(1000); got != "1000" {
		t.Errorf("name is %q, want the number", got)
	}
}

func TestVersionOf(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	tests := []struct {
		info debug.BuildInfo
		want string
	}{
		{debug.BuildInfo{}, "devel"},
		{debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3"},
		{debug.BuildInfo{
			Main:     debug.Module{Version: "(devel)"},
			Settings: []debug.BuildSetting{setting("vcs.revision", "0123456789abcdef0123"), setting("vcs.modified", "true")},
		}, "devel-0123456789ab+dirty"},
		{debug.BuildInfo{Settings: []debug.BuildSetting{setting("vcs.revision", "0123"), setting("vcs.modified", "false")}}, "devel-0123"},
	}
	for _, test := range tests {
		if got := versionOf(&test.info); got != test.want {
			t.Errorf("versionOf(%+v) is %q, want %q", test.info, got, test.want)
		}
	}
}
