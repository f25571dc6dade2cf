package test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"nstui/test/drive"
)

// A thousand pasted lines arrive whole, in order and once.
func TestPaste(t *testing.T) {
	s := shellIn(t)
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "line %d of the paste\n", i)
	}
	cksum := exec.Command("cksum")
	cksum.Stdin = strings.NewReader(text.String())
	want, err := cksum.Output()
	if err != nil {
		t.Fatal(err)
	}
	// Without the echo: Linux keeps what is echoed into a terminal that is full until the next key, and a
	// checksum may come before it.
	s.send("clear; stty -echo; echo goes; cat | cksum" + drive.Enter)
	s.waitFor(ending("goes"))
	s.send("\x1b[200~" + text.String() + "\x1b[201~\x04")
	s.wait(strings.TrimSpace(string(want)))
}
