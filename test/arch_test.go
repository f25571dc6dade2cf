package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says which packages of this module each package may import. Data flows one way, from
// /proc to the screen: a scan knows nothing of the screen, an entry knows nothing of a scan, and what
// stands below knows nothing of what stands above. A package that is not listed fails the test: the
// place of a new package is a decision, and this is where it is written down.
var mayImport = map[string][]string{
	"nstui": {"nstui/nsenter", "nstui/nsenter/express", "nstui/ui/cli"},

	"nstui/procscan/ns":        {},
	"nstui/procscan/events":    {"nstui/procscan/ns"},
	"nstui/procscan/mounts":    {"nstui/procscan/ns"},
	"nstui/procscan":           {"nstui/procscan/events", "nstui/procscan/mounts", "nstui/procscan/ns"},
	"nstui/procscan/container": {"nstui/procscan", "nstui/procscan/container/engine", "nstui/procscan/container/lookup", "nstui/procscan/ns"},
	"nstui/procscan/sought":    {"nstui/procscan", "nstui/procscan/container", "nstui/procscan/ns"},
	"nstui/procscan/probe":     {"nstui/procscan", "nstui/procscan/events", "nstui/procscan/mounts", "nstui/procscan/ns"},

	"nstui/procscan/container/engine": {"nstui/procscan/container/lookup"},
	"nstui/procscan/container/lookup": {},

	"nstui/nsenter/express": {},
	"nstui/nsenter/stage":   {},
	"nstui/nsenter":         {"nstui/nsenter/stage", "nstui/procscan/ns"},

	"nstui/ui/attach":  {},
	"nstui/ui/cast":    {},
	"nstui/ui/layout":  {},
	"nstui/ui/newfile": {},
	"nstui/ui/theme":   {},
	"nstui/ui/table":   {},
	"nstui/ui/text":    {},
	"nstui/ui/term":    {},
	"nstui/ui": {
		"nstui/nsenter", "nstui/procscan", "nstui/procscan/container", "nstui/procscan/ns", "nstui/procscan/sought",
		"nstui/ui/attach", "nstui/ui/cast", "nstui/ui/layout", "nstui/ui/newfile", "nstui/ui/table", "nstui/ui/term", "nstui/ui/text", "nstui/ui/theme",
	},
	"nstui/ui/cli/sheet": {"nstui/ui/text"},
	"nstui/ui/cli/query": {},
	"nstui/ui/cli": {
		"nstui/nsenter", "nstui/procscan", "nstui/procscan/container", "nstui/procscan/container/engine", "nstui/procscan/ns", "nstui/procscan/probe", "nstui/procscan/sought",
		"nstui/ui", "nstui/ui/cast", "nstui/ui/newfile", "nstui/ui/cli/query", "nstui/ui/cli/sheet", "nstui/ui/text", "nstui/ui/theme",
	},

	"nstui/test":       {},
	"nstui/test/crowd": {},
	"nstui/test/drive": {"nstui/ui/term"},
}

// users says which packages of this module may import a package from outside, below the given path.
// One that is not listed fails the test, as a dependency that nobody decided on.
var users = map[string][]string{
	// The screen. What is below ui may measure and style text, but messages and commands are ui's.
	"charm.land/bubbletea/v2":         {"nstui/ui"},
	"charm.land/bubbles/v2":           {"nstui/ui"},
	"charm.land/lipgloss/v2":          {"nstui/ui", "nstui/ui/theme"},
	"github.com/charmbracelet/x/ansi": {"nstui/ui", "nstui/ui/cli", "nstui/ui/table", "nstui/ui/term", "nstui/ui/text"},
	"github.com/charmbracelet/x/term": {"nstui/ui/attach", "nstui/ui/cli"},
	"github.com/muesli/cancelreader":  {"nstui/ui/attach"}, // bubbletea reads keys with it, too
	"github.com/spf13/cobra":          {"nstui/ui/cli"},
	"github.com/spf13/pflag":          {"nstui/ui/cli"},
	"github.com/prometheus/procfs":    {"nstui/procscan"},
	"github.com/creack/pty":           {"nstui/test/drive"},
	"golang.org/x/sys/unix": {
		"nstui/nsenter", "nstui/procscan", "nstui/procscan/container", "nstui/procscan/events", "nstui/procscan/mounts",
		"nstui/procscan/probe", "nstui/procscan/container/engine", "nstui/procscan/container/lookup", "nstui/test/crowd", "nstui/test/drive",
	},
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// TestImports holds the rules above against the packages as they are. Tests may import what they
// like.
func TestImports(t *testing.T) {
	packages := listPackages(t)
	standard := make(map[string]bool)
	for _, p := range packages {
		standard[p.ImportPath] = p.Standard
	}
	seen := make(map[string]bool)
	for _, p := range packages {
		if !ours(p.ImportPath) {
			continue
		}
		seen[p.ImportPath] = true
		allowed, known := mayImport[p.ImportPath]
		if !known {
			t.Errorf("%s is not in mayImport: decide what it may import", p.ImportPath)
		}
		for _, path := range p.Imports {
			switch {
			case path == "C":
				t.Errorf("%s imports C: nstui is one static binary", p.ImportPath)
			case standard[path]:
			case ours(path):
				if known && !slices.Contains(allowed, path) {
					t.Errorf("%s imports %s, which it must not", p.ImportPath, path)
				}
			case !slices.Contains(usersOf(path), p.ImportPath):
				t.Errorf("%s imports %s, which it must not: see users in this file", p.ImportPath, path)
			}
		}
	}
	for path := range mayImport {
		if !seen[path] {
			t.Errorf("%s is in mayImport, but there is no such package", path)
		}
	}
}

// TestTakeoversStartFirst keeps the packages that take the program over at its very start: a package is
// initialised as soon as all it imports is, so these import nothing.
func TestTakeoversStartFirst(t *testing.T) {
	missing := []string{"nstui/nsenter/express", "nstui/nsenter/stage"}
	for _, p := range listPackages(t) {
		i := slices.Index(missing, p.ImportPath)
		if i < 0 {
			continue
		}
		missing = slices.Delete(missing, i, i+1)
		for _, path := range p.Imports {
			if path != "unsafe" {
				t.Errorf("%s imports %s: it would start after the inits of that package", p.ImportPath, path)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("there is no package %q", missing)
	}
}

// ours reports whether the package is one of this module.
func ours(path string) bool { return path == "nstui" || strings.HasPrefix(path, "nstui/") }

// usersOf returns who may import the package from outside.
func usersOf(path string) []string {
	for prefix, list := range users {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return list
		}
	}
	return nil
}

// listPackages returns the packages of this module and all they depend on.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports,Standard", "nstui/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("decode what go list wrote: %v", err)
		}
		packages = append(packages, p)
	}
}
