package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nstui/nsenter"
	"nstui/ui/newfile"
)

// A recording of which nothing can be written leaves no file: the next one may have its name.
func TestRecordNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.cast")
	r, err := newRecording(path, "x")
	if err != nil {
		t.Fatal(err)
	}
	r.file.File.Close()
	full, err := os.Open(path) // takes nothing, as a full disk does
	if err != nil {
		t.Fatal(err)
	}
	r.file = newfile.NotEmpty{File: full}
	r.begin(&nsenter.Plan{}, 80, 24)
	r.output([]byte("hello"))
	if said := r.end(); !strings.HasPrefix(said, "recorded nothing in "+path+": write ") {
		t.Errorf("it says %q", said)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file is left behind: %v", err)
	}
}
