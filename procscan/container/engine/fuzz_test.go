package engine

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
)

// FuzzParse reads anything as an answer: nothing of it may be believed, too much be kept, or an error be harmful.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		ok(web), ok(inPod), ok("[]"), ok("null"), ok("{}"), ok("<html>"), ok("[1]"), ok(web[:90]),
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces(web, 50),
		"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + web,
		"HTTP/1.1 500 Internal Server Error\r\n\r\n{\"message\":\"\\u001b\"}",
		ok(`[{"Id":"` + id(1) + `","Names":["/\u001b[2J\n"],"Labels":{"a":"` + strings.Repeat("ä", 300) + `"}}]`),
		ok(`[{"Pid":` + strings.Repeat("9", 400) + `}]`), ok(strings.Repeat(`[{"Labels":`, 100)),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		list, code, err := parse(bytes.NewReader(answer), most)
		if err != nil {
			if list != nil {
				t.Errorf("an error and a list: %v, %v", err, list)
			}
			text := err.Error()
			if len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Errorf("the error is not harmless: %q", text)
			}
			return
		}
		if code != 200 {
			t.Errorf("a list with the status %d", code)
		}
		for _, c := range list {
			checkLimits(t, c)
		}
		again, _, err := parse(iotest.OneByteReader(bytes.NewReader(answer)), most)
		if err != nil || !same(list, again) {
			t.Errorf("byte by byte it is %+v, %v; at once %+v", again, err, list)
		}
	})
}

// checkLimits checks that no more is kept of a container than should be.
func checkLimits(t *testing.T, c Container) {
	t.Helper()
	if !IsID(c.ID) || c.PID < 0 || len(c.Labels) > maxLabels {
		t.Errorf("got %+v", c)
	}
	texts := []string{c.Name, c.Image, c.ImageID, c.State, c.Pod, c.PodName}
	for key, value := range c.Labels {
		texts = append(texts, key, value)
	}
	for _, text := range texts {
		if len(text) > MaxText {
			t.Errorf("%q is too long", text)
		}
	}
}

// FuzzListened reads anything as the kernel's table of sockets.
func FuzzListened(f *testing.F) {
	f.Add([]byte(unixTable))
	f.Fuzz(func(t *testing.T, table []byte) {
		for _, inode := range parseListened(bytes.NewReader(table), "/run/podman/podman.sock") {
			if inode == "" || !bytes.Contains(table, []byte(inode)) {
				t.Errorf("found the inode %q", inode)
			}
		}
	})
}
