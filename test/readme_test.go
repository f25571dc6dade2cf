package test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"nstui/ui"
)

var update = flag.Bool("update", false, "write the key block of README.md again")

// The markers of the part of README.md that is generated.
const (
	readme    = "../README.md"
	keysStart = "<!-- keys: go test ./test -run Readme -update -->\n"
	keysEnd   = "\n<!-- end of keys -->"
)

// The keys in README.md are those of the table the program itself is driven by.
func TestReadmeKeys(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), keysStart)
	keys, after, ended := strings.Cut(rest, keysEnd)
	if !ok || !ended {
		t.Fatalf("%s lacks the markers %q and %q", readme, keysStart, keysEnd)
	}
	want := ui.KeysMarkdown()
	if keys == want {
		return
	}
	if !*update {
		t.Fatalf("the keys in %s are stale: go test ./test -run Readme -update", readme)
	}
	if err := os.WriteFile(readme, []byte(before+keysStart+want+keysEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every picture README.md shows is there.
func TestReadmePictures(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	pictures := 0
	for _, part := range strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune("()\"", r) }) {
		if !strings.HasPrefix(part, "screenshots/") || !strings.HasSuffix(part, ".png") {
			continue
		}
		pictures++
		if _, err := os.Stat("../" + part); err != nil {
			t.Error(err)
		}
	}
	if pictures == 0 {
		t.Error("there is no picture")
	}
}
