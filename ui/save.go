package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/newfile"
	"nstui/ui/theme"
)

// errSymlink and errOutside are why a file is not created.
var (
	errSymlink = errors.New("a symbolic link is not followed")
	errOutside = errors.New("not below the current directory")
)

// saveFile writes a new file below a directory, to be read and written by its owner only, and follows no
// symbolic links on the way there. A file that cannot be written whole is taken away again.
func saveFile(dir, name, text string) error {
	err := saveBelow(dir, name, text)
	if err != nil {
		return fmt.Errorf("save to %s: %w", name, newfile.Cause(err))
	}
	return nil
}

func saveBelow(dir, name, text string) (err error) {
	path, err := below(dir, name)
	if err != nil {
		return err
	}
	root, err := newfile.OpenDir(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for parent := filepath.Dir(path); parent != "."; parent = filepath.Dir(parent) {
		switch info, err := root.Lstat(parent); {
		case err != nil: // it is said of the one below
		case info.Mode()&fs.ModeSymlink != 0:
			return fmt.Errorf("%s: %w", parent, errSymlink)
		case !info.IsDir():
			return fmt.Errorf("%s: %w", parent, syscall.ENOTDIR)
		}
	}
	in, err := root.OpenRoot(filepath.Dir(path) + "/.") // a directory, whatever it has become meanwhile
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	f, err := newfile.CreateIn(in, filepath.Base(path))
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, in.Remove(filepath.Base(path)))
	}
	return nil
}

// below returns the path of a file from a directory, if it is below that.
func below(dir, name string) (string, error) {
	path := name
	if filepath.IsAbs(name) {
		base, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		if path, err = filepath.Rel(base, name); err != nil {
			return "", err
		}
	}
	if path = filepath.Clean(path); !filepath.IsLocal(path) {
		return "", errOutside
	}
	return path, nil
}

// saveBar is the line in which one types the name of a file, at the foot of the shell.
type saveBar struct {
	what, text string
	input      input
	busy       bool // it is being written
}

// savedMsg is the end of writing a file.
type savedMsg struct {
	bar  *saveBar
	name string
	err  error
}

// openSave asks for the name of a file for some text.
func (m *Model) openSave(msg copiedMsg) {
	m.open(&saveBar{what: msg.what, text: msg.text + "\n", input: input{text: fileName(msg.shell.label(), m.now(), ".txt"), fresh: true}})
}

// maxFileName is how many bytes of the name of a shell are in that of a file.
const maxFileName = 40

// fileName proposes a name for a file about a shell, such as "nstui-nginx-net-20261122-063501.cast". Of the
// label only ASCII letters, digits, dots and underscores are taken over.
func fileName(label string, now time.Time, extension string) string {
	label = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, label)
	for strings.Contains(label, "--") {
		label = strings.ReplaceAll(label, "--", "-")
	}
	label = strings.Trim(label[:min(len(label), maxFileName)], "-")
	return "nstui-" + label + "-" + now.Format("20060102-150405") + extension
}

func (f *saveBar) scope() scope { return inAny }

func (f *saveBar) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if f.busy {
		return nil, true
	}
	switch keyName(msg) {
	case "esc", "ctrl+c":
		m.shut(f)
		return nil, true
	case "enter":
		return f.save(), true
	}
	f.input.key(msg)
	return nil, true
}

func (f *saveBar) paste(_ *Model, s string) tea.Cmd {
	f.input.paste(s)
	return nil
}

// save writes the file.
func (f *saveBar) save() tea.Cmd {
	name, text := f.input.text, f.text
	if name == "" {
		return nil
	}
	f.busy = true
	return func() tea.Msg { return savedMsg{f, name, saveFile(".", name, text)} }
}

// handleSaved says what has become of the file. After an error another name can be typed.
func (m *Model) handleSaved(msg savedMsg) tea.Cmd {
	msg.bar.busy = false
	if msg.err != nil {
		return m.tell(theme.Fail, msg.err.Error())
	}
	m.shut(msg.bar)
	return m.note(fmt.Sprintf("saved %s in %s: %s", msg.bar.what, msg.name, amount(msg.bar.text)))
}

func (f *saveBar) draw(*Model) (layout.Rect, []string) { return layout.Rect{}, nil }

func (f *saveBar) cursor(m *Model) *tea.Cursor { return m.footCursor(f) }

func (f *saveBar) asks() (question string, typed *input, note string) {
	if f.busy {
		note = "writing"
	}
	return "save " + f.what + " in ", &f.input, note
}
