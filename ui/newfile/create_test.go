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

func TestCreateSaysWhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "x")
	if _, err := Create(path); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "create "+path+": ") {
		t.Errorf("%v", err)
	}
}
