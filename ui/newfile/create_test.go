package newfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "nstui-nginx.cast")
	if err := errors.Join(os.Symlink(victim, path), syscall.Mkfifo(strings.TrimSuffix(path, ".cast")+"-2.cast", 0o600)); err != nil {
		t.Fatal(err)
	}
	file, err := CreateNumbered(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if want := strings.TrimSuffix(path, ".cast") + "-3.cast"; file.Name() != want {
		t.Errorf("it is %s, want %s", file.Name(), want)
	}
	if info, err := file.Stat(); err != nil || info.Mode() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link was followed: %v", err)
	}
	if got, err := os.ReadFile(victim); string(got) != "precious" || err != nil {
		t.Errorf("the file behind the link is %q, %v", got, err)
	}
}

// Under sudo a file is its user's in a directory of theirs, and root's in any other.
func TestCreateUnderSudo(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, tt := range []struct {
		owner, want      int
		sudoUID, sudoGID string
	}{
		{1000, 1000, "1000", "1000"},
		{0, 0, "1000", "1000"},
		{1001, 0, "1000", "1000"},
		{1000, 0, "", ""},
		{0, 0, "0", "0"},
		{1000, 0, "1000", ""},
		{1000, 0, "1000x", "1000"},
		{1000, 0, "-1", "-1"},
	} {
		t.Setenv("SUDO_UID", tt.sudoUID)
		t.Setenv("SUDO_GID", tt.sudoGID)
		dir := t.TempDir()
		if err := os.Chown(dir, tt.owner, tt.owner); err != nil {
			t.Fatal(err)
		}
		file, err := Create(filepath.Join(dir, "x.cast"))
		if err != nil {
			t.Fatal(err)
		}
		info, err := file.Stat()
		if err = errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(stat.Uid) != tt.want || int(stat.Gid) != tt.want || info.Mode() != 0o600 {
			t.Errorf("%+v: it is of %d:%d, mode %v", tt, stat.Uid, stat.Gid, info.Mode())
		}
	}
}

// A pipe in place of the directory holds up nobody.
func TestCreateInPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(pipe, "x.cast")); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("%v, want %v", err, syscall.ENOTDIR)
	}
}

// The file is the one that was named, as the kernel reads names.
func TestCreateWhatIsNamed(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	if err := errors.Join(os.Mkdir(other+"/sub", 0o700), os.Symlink(other+"/sub", dir+"/link")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", dir + "/", dir + "/link/", dir + "/.", dir + "/.."} {
		if file, err := Create(path); err == nil {
			t.Errorf("%q made %s", path, file.Name())
		}
	}
	for path, made := range map[string]string{
		dir + "/link/../x.cast":   other + "/x.cast",
		dir + "/link/x.cast":      other + "/sub/x.cast",
		other + "/sub//../y.cast": other + "/y.cast",
	} {
		file, err := Create(path)
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		file.Close()
		if _, err := os.Lstat(made); err != nil {
			t.Errorf("%q made another file: %v", path, err)
		}
	}
	t.Chdir(dir)
	if _, err := Create("x.cast"); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(dir + "/x.cast"); err != nil {
		t.Error(err)
	}
}

// A file stays only if there is something in it.
func TestNotEmpty(t *testing.T) {
	for _, text := range []string{"", "text"} {
		file, err := Create(filepath.Join(t.TempDir(), "x.cast"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.WriteString(text)
		if err = errors.Join(err, NotEmpty{file}.Close()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		got, err := os.ReadFile(file.Name())
		if string(got) != text || (text == "") != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("with %q in it it has %q, %v", text, got, err)
		}
		if _, err := file.Stat(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("it is open: %v", err)
		}
	}
}

func TestCreateSaysWhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "x")
	if _, err := Create(path); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "create "+path+": ") {
		t.Errorf("%v", err)
	}
}
