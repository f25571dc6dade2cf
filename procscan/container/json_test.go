package container

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMembers(t *testing.T) {
	tests := []struct {
		text, name, want string
		ok               bool
	}{
		{`{}`, "a", "", true},
		{` { "a" : 1 } `, "a", "1 ", true},
		{`{"a":"}","b":[{"c":"]"},2],"d":null}`, "b", `[{"c":"]"},2]`, true},
		{`{"a":"\"","b":true}`, "b", "true", true},
		{`{"a":{"b":1},"b":2}`, "b", "2", true},
		{`{"a":1`, "a", "", false},
		{`{"a":"x`, "a", "", false},
		{`{"a"`, "a", "", false},
		{`{"a":`, "a", "", false},
		{`{"a":}`, "a", "", false},
		{`{"a":1,`, "b", "", false},
		{`{"a\`, "a", "", false},
		{`[]`, "a", "", false},
		{``, "a", "", false},
	}
	for _, test := range tests {
		if got := string(member([]byte(test.text), test.name)); got != test.want {
			t.Errorf("%s of %s is %q, not %q", test.name, test.text, got, test.want)
		}
		if ok := members([]byte(test.text), func([]byte, []byte) bool { return true }); ok != test.ok {
			t.Errorf("%s is an object: %v", test.text, ok)
		}
	}
}

// FuzzMembers compares what is found in an object with what encoding/json finds.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":"\"}","b":[{"c":"]"},2],"d":null,"e":-1.5e3 , "f":{}}`))
	f.Add([]byte(`{"\u0061":{"a":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		found := make(map[string][]byte)
		ok := members(text, func(name, value []byte) bool {
			found[jsonString(slices.Concat([]byte{'"'}, name, []byte{'"'}))] = value
			return true
		})
		want := make(map[string]json.RawMessage)
		if !utf8.Valid(text) {
			return // encoding/json has other characters in its place
		}
		if json.Unmarshal(text, &want) != nil || bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
			return // it only must end
		}
		if !ok || len(found) != len(want) {
			t.Fatalf("%q: %v, %d members instead of %d", text, ok, len(found), len(want))
		}
		for name, value := range want {
			if !bytes.Equal(bytes.TrimSpace(found[name]), value) {
				t.Fatalf("%q of %q is %q", name, text, found[name])
			}
		}
	})
}

// FuzzFiles holds that nothing in a file ends the program, and that what is kept of it is bounded.
func FuzzFiles(f *testing.F) {
	f.Add([]byte(criConfig("container", "coredns")))
	f.Add([]byte(dockerConfig("web", `"a": "b"`)))
	f.Add([]byte(storage))
	f.Add([]byte(`{"init_process_pid": 7, "init_process_start": 101, "config": {"labels": ["a=b", "nerdctl/name=web"]}}`))
	f.Add([]byte("621 559 0:58 / / rw - overlay overlay rw,lowerdir=/x,upperdir=/srv/docker/overlay2/1a/diff\n"))
	f.Add([]byte("conmon\x00-c\x00" + idA + "\x00-n\x00k8s_a_b_c_d_0\x00-b\x00/x"))
	f.Add([]byte("[lxc monitor] /var/lib/lxc l1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var all []facts
		var one facts
		if c, ok := parseOCI(text); ok {
			one.learn(c)
			all = append(all, one)
		}
		one = facts{}
		one.learnDocker(text)
		all = append(all, one)
		one = facts{}
		_, _, config := parseState(text)
		one.learn(oci{annotations: stateLabels(config)})
		all = append(all, one)
		for _, s := range parseStorage(text) {
			all = append(all, facts{name: s.name, image: s.image})
		}
		if folders := dockerFolders(text, idA); len(folders) > 8 {
			t.Fatalf("%d folders", len(folders))
		}
		startIn(text)
		args := splitArgs(text)
		for _, names := range []map[string]string{shimFlags, conmonFlags, nspawnFlags, firejailFlags} {
			flags(args, names)
		}
		lxcTitle(args)
		machineName(args)
		for _, arg := range args {
			name, pod := kubeName(arg)
			all = append(all, facts{name: name, pod: pod})
		}
		for _, f := range all {
			texts := []string{f.id, f.name, f.image, f.project, f.service, f.state, f.netns}
			if f.pod != nil {
				texts = append(texts, f.pod.Name, f.pod.Namespace, f.pod.UID)
			}
			for key, value := range f.labels {
				texts = append(texts, key, value)
			}
			for _, kept := range texts {
				if len(kept) > maxText {
					t.Fatalf("%d bytes are kept", len(kept))
				}
			}
			if len(f.labels) > maxLabels {
				t.Fatalf("%d labels are kept", len(f.labels))
			}
		}
	})
}

// TestCapped holds that no character is cut in two.
func TestCapped(t *testing.T) {
	for text, want := range map[string]int{
		strings.Repeat("x", 300):            maxText,
		"x" + strings.Repeat("é", 200):      maxText - 1,
		strings.Repeat("é", 128):            maxText,
		"xxx" + strings.Repeat("🐳", 70):     maxText - 1,
		strings.Repeat("\x80", maxText+100): maxText - utf8.UTFMax,
	} {
		if got := capped(text); len(got) != want || !strings.HasPrefix(text, got) {
			t.Errorf("of %.8q… %d bytes are kept, want %d", text, len(got), want)
		}
	}
}

// TestElements holds what the elements of a list are.
func TestElements(t *testing.T) {
	for text, want := range map[string]string{
		`[1, "a,]" ,{"x": [2, 3]},[]]`: `1|"a,]"|{"x": [2, 3]}|[]`,
		` [ 7 ] `:                      "7",
		"[]":                           "",
		"[1, 2":                        "1",
		"[,]":                          "",
		`{"a": 1}`:                     "",
		"":                             "",
		"[[[[":                         "",
	} {
		var got []string
		elements([]byte(text), func(element []byte) bool {
			got = append(got, string(element))
			return true
		})
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestManyInBundle holds that no more of a config.json is looked at than there may be need of: it has 4 MiB, and a
// user has as many containers with one as the user likes.
func TestManyInBundle(t *testing.T) {
	const last = `{"type": "network", "path": "/run/netns/x"}]}, "annotations": {`
	text := func(spaces, keys int) []byte {
		return []byte(`{"linux": {"namespaces": [` + strings.Repeat("{},", spaces) + last + strings.Repeat(`"\u0061": "", `, keys) + `"b": "c"}}`)
	}
	if c, ok := parseOCI(text(maxSpaces-1, maxAnnotations-1)); !ok || c.netns != "/run/netns/x" || c.annotations["b"] != "c" {
		t.Errorf("of as much as is looked at it is %+v, %v", c, ok)
	}
	if c, ok := parseOCI(text(maxSpaces, maxAnnotations)); !ok || c.netns != "" || c.annotations["b"] != "" {
		t.Errorf("of more than is looked at it is %+v, %v", c, ok)
	}
}
