package container

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestStorageOfMany holds that what users write into their containers.json takes no more room than their
// containers, and is no others' loss.
func TestStorageOfMany(t *testing.T) {
	tree := newTree(t)
	root, err := openFolder(tree.host)
	if err != nil {
		t.Fatal(err)
	}
	defer root.close()
	var s shelf
	anybody := func(uint32) bool { return true }
	read := func(name string) storedByID {
		t.Helper()
		known, _, err := s.stored(root, name, anybody)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	tree.write(tree.host+"/root.json", storage)
	if known := read("root.json"); known[idA].name != "renamed" || len(known) != 2 {
		t.Errorf("root's storage has %v", known)
	}
	// One file, again and again.
	for i := range 5 {
		name := tree.write(tree.host+"/one.json", `[{}, {"ID": "x"}, {"ID": "`+idA+`", "names": ["`+strconv.Itoa(i)+`"]}]`)
		if err := os.Chtimes(name, time.Time{}, time.Unix(int64(i+1), 0)); err != nil {
			t.Fatal(err)
		}
		if known := read("one.json"); known[idA].name != strconv.Itoa(i) || len(known) != 1 {
			t.Errorf("time %d: the storage has %v", i, known)
		}
	}
	if len(s.storage) != 2 {
		t.Errorf("%d states are kept of two files", len(s.storage))
	}
	// Many files.
	for i := range 2 * maxShelf {
		name := fmt.Sprintf("many-%d.json", i)
		tree.own(tree.write(tree.host+"/"+name, "[]"), 1000)
		read(name)
	}
	if len(s.storage) > maxShelf {
		t.Errorf("%d files are kept", len(s.storage))
	}
	at, err := root.stampOf("root.json", inside)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := take(&s, &s.storage, at); !ok {
		t.Error("root's storage is lost to a user's")
	}
}

// TestStorageOfStrangers holds that nothing is read of who is not believed.
func TestStorageOfStrangers(t *testing.T) {
	tree := newTree(t)
	root, err := openFolder(tree.host)
	if err != nil {
		t.Fatal(err)
	}
	defer root.close()
	tree.own(tree.write(tree.host+"/containers.json", storage), 1000)
	var s shelf
	known, _, err := s.stored(root, "containers.json", func(uid uint32) bool { return uid != 1000 })
	if !errors.Is(err, errStranger) || known != nil || len(s.storage) != 0 {
		t.Errorf("got %v, %v, and %d are kept", known, err, len(s.storage))
	}
}

func TestParseStorageOfMany(t *testing.T) {
	var text strings.Builder
	text.WriteString("[{}")
	for i := range maxStored + 10 {
		fmt.Fprintf(&text, `,{"ID":"x%d"},{"ID":"%064x"}`, i, i)
	}
	text.WriteString("]")
	if got := len(parseStorage([]byte(text.String()))); got != maxStored/2-1 {
		t.Errorf("%d containers are taken, want those among the first %d", got, maxStored)
	}
	for _, bad := range []string{"", "{}", "7", "[", `["x"]`, "[[]]", "null"} {
		if got := parseStorage([]byte(bad)); len(got) != 0 {
			t.Errorf("%q: %v", bad, got)
		}
	}
}
