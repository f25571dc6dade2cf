package newfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Create makes the file of a path. What is wrong is an error with the whole path, such as "create
// /srv/x.cast: file exists" around fs.ErrExist.
func Create(path string) (*os.File, error) {
	// Not filepath.Dir: "rec/" names no file, and "link/.." is where the link leads to.
	parent, name := filepath.Split(path)
	if name == "" {
		return nil, fmt.Errorf("create %q: it names no file", path)
	}
	dir, err := OpenDir(cmp.Or(parent, "."))
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, Cause(err))
	}
	defer func() { _ = dir.Close() }() // nothing was written to it
	file, err := CreateIn(dir, name)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, Cause(err))
	}
	return file, nil
}

// OpenDir opens a directory to make files in. The slash keeps the kernel from opening anything else: a pipe
// would hold up whoever opens it, see path_resolution(7).
func OpenDir(path string) (*os.Root, error) {
	return os.OpenRoot(strings.TrimSuffix(path, "/") + "/")
}

// CreateNumbered is Create with a path that is not taken: a number is put behind its name if need be.
func CreateNumbered(path string) (*os.File, error) {
	const most = 100
	stem, ext := strings.TrimSuffix(path, filepath.Ext(path)), filepath.Ext(path)
	for n := 2; ; n++ {
		file, err := Create(path)
		if !errors.Is(err, fs.ErrExist) || n > most {
			return file, err
		}
		path = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
}

// CreateIn makes a file in a directory. Its error is what the kernel said of the name.
func CreateIn(dir *os.Root, name string) (*os.File, error) {
	file, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if uid, gid, ok := caller(dir); ok {
		// Where it is refused, as on some network file systems, the file is as good as without sudo's user.
		_ = file.Chown(uid, gid)
	}
	return file, nil
}

// caller returns who called us by sudo(8), if the directory is theirs.
func caller(dir *os.Root) (uid, gid int, ok bool) {
	uid, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	if err != nil || uid <= 0 || os.Geteuid() != 0 {
		return 0, 0, false
	}
	gid, err = strconv.Atoi(os.Getenv("SUDO_GID"))
	if err != nil || gid < 0 {
		return 0, 0, false
	}
	info, err := dir.Stat(".")
	if err != nil {
		return 0, 0, false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return uid, gid, ok && int(owner.Uid) == uid
}

// NotEmpty is a new file that goes away again when it is closed, if nothing is in it then.
type NotEmpty struct{ *os.File }

// Close closes the file.
func (f NotEmpty) Close() error {
	info, err := f.Stat()
	if err == nil && info.Size() == 0 {
		err = os.Remove(f.Name())
	}
	return errors.Join(err, f.File.Close())
}

// Cause returns what the kernel said, without the name of the call.
func Cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
