package cast

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Create makes the file of a recording, which only its owner may read. One that is there is never written
// to: neither through a symbolic link nor a pipe, which would hold up whoever opens it.
func Create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
}

// CreateNew is Create with a path that is not taken: a number is put behind its name if need be.
func CreateNew(path string) (*os.File, error) {
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
