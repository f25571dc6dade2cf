//go:build amd64 || arm64

package crowd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Usage is what a command took.
type Usage struct {
	Wall time.Duration // from before its process is made until that is gone
	CPU  time.Duration // user and system
	RSS  int64         // the most memory it had, in bytes
	Exit int           // its exit status; -1 if a signal ended it
}

// Measure runs a command in the host, as Run does, and says what it took. The kernel counts as memory of
// a process also what its parent had when the process executed its program, which for a child of a test
// is that of Go and all the test has made, and to enter the host takes its time: so this starts a tiny
// program there that starts the command.
func (c *Crowd) Measure(path string, args ...string) (u Usage, output []byte, err error) {
	cmd := exec.Command(c.meter, append([]string{path}, args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	r, w, err := os.Pipe()
	if err != nil {
		return Usage{}, nil, err
	}
	defer r.Close()
	cmd.ExtraFiles = []*os.File{w}
	err = c.Run(cmd)
	w.Close()
	if err != nil {
		return Usage{}, nil, fmt.Errorf("measure %s: %w", path, err)
	}
	var told struct {
		Status       uint64
		Usage        syscall.Rusage
		Began, Ended syscall.Timespec
	}
	if err := binary.Read(r, binary.NativeEndian, &told); err != nil {
		return Usage{}, nil, fmt.Errorf("measure %s: %w", path, err)
	}
	u.Wall = time.Duration(told.Ended.Nano() - told.Began.Nano())
	u.CPU = time.Duration(told.Usage.Utime.Nano() + told.Usage.Stime.Nano())
	u.RSS = told.Usage.Maxrss << 10
	u.Exit = syscall.WaitStatus(told.Status).ExitStatus()
	return u, out.Bytes(), nil
}
