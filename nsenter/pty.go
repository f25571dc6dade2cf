package nsenter

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// openPTY opens a pty of the given size whose terminal belongs to the user the shell runs as: in the
// target's own devpts where the shell will see that, so that it finds its terminal by its name.
func (t *Target) openPTY(p *Plan, cols, rows int) (master, slave *os.File, err error) {
	if p.Join.Has(ns.Mnt) && p.InRoot() && (p.Root != RootNamespace || t.atRoot()) {
		// One that has no devpts, or has none to give, gets a terminal of the host's.
		if master, err := t.openPTMXWithin(lookTime); err == nil {
			if slave, err := preparePTY(master, p.As, cols, rows); err == nil {
				return master, slave, nil
			}
		}
	}
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open a pty: %w", err)
	}
	slave, err = preparePTY(master, p.As, cols, rows)
	return master, slave, err
}

// atRoot reports whether the root directory of the process is that of its mount namespace.
func (t *Target) atRoot() bool {
	return t.root >= 0 && t.facts.Chrooted == "" && t.facts.Kinds[ns.Mnt].Source == ""
}

// errHung is returned where the target's file system does not answer.
var errHung = errors.New("it does not answer")

// openPTMXWithin is openPTMX of the target's root directory, whose /dev/pts may never answer.
func (t *Target) openPTMXWithin(limit time.Duration) (*os.File, error) {
	root, err := unix.FcntlInt(uintptr(t.insideRoot()), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	type opened struct {
		master *os.File
		err    error
	}
	got, ok := within(limit, func() opened {
		defer unix.Close(root)
		master, err := openPTMX(root)
		return opened{master, err}
	})
	if !ok {
		return nil, errHung
	}
	return got.master, got.err
}

// openPTMX opens the master of a new pty in the devpts of a root directory. What is there is the target's
// to choose, so it is opened only once it is known to be what it seems.
func openPTMX(root int) (*os.File, error) {
	fd, err := openIn(root, "/dev/pts/ptmx", unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var fs unix.Statfs_t
	var st unix.Stat_t
	if err := errors.Join(unix.Fstatfs(fd, &fs), unix.Fstat(fd, &st)); err != nil {
		return nil, err
	}
	if fs.Type != unix.DEVPTS_SUPER_MAGIC || st.Mode&unix.S_IFMT != unix.S_IFCHR || st.Rdev != unix.Mkdev(5, 2) {
		return nil, errors.New("its /dev/pts/ptmx is none")
	}
	return os.OpenFile("/proc/self/fd/"+strconv.Itoa(fd), os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
}

// preparePTY opens the terminal of a pty and makes it ready. If it fails the master is closed.
func preparePTY(master *os.File, as Identity, cols, rows int) (slave *os.File, err error) {
	if slave, err = openPeer(master); err != nil {
		master.Close()
		return nil, fmt.Errorf("open the terminal of a pty: %w", err)
	}
	err = errors.Join(resize(master, cols, rows), eraseUTF8(slave))
	if err == nil && int(as.OutUID) != os.Geteuid() {
		// Where we may not, the shell can still open its terminal as /dev/tty, only not by its own name.
		if err = slave.Chown(int(as.OutUID), -1); errors.Is(err, unix.EPERM) {
			err = nil
		}
	}
	if err != nil {
		master.Close()
		slave.Close()
		return nil, fmt.Errorf("prepare the pty: %w", err)
	}
	return slave, nil
}

// eraseUTF8 lets the terminal erase whole characters, not bytes: the pane shows UTF-8.
func eraseUTF8(tty *os.File) error {
	conn, err := tty.SyscallConn()
	if err != nil {
		return err
	}
	ctlErr := conn.Control(func(fd uintptr) {
		var modes *unix.Termios
		if modes, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err == nil {
			modes.Iflag |= unix.IUTF8
			err = unix.IoctlSetTermios(int(fd), unix.TCSETS, modes)
		}
	})
	return errors.Join(ctlErr, err)
}

// openPeer opens the terminal that belongs to the master, see ioctl_tty(2). Not by its name, as
// pty.Open does: numbers are used again at once, and one in some hundred concurrent entries then got
// the terminal of a pty that was just going away, or none.
func openPeer(master *os.File) (slave *os.File, err error) {
	conn, err := master.SyscallConn()
	if err != nil {
		return nil, err
	}
	ctlErr := conn.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err != nil {
			return
		}
		peer, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
		if errno != 0 {
			err = errno
			return
		}
		slave = os.NewFile(peer, "pty")
	})
	return slave, errors.Join(ctlErr, err)
}

// resize sets the size of a pty. Not with pty.Setsize, which puts the master into blocking mode: closing
// it would then not end a read that waits, and a job left in the background keeps one waiting for ever.
func resize(master *os.File, cols, rows int) error {
	conn, err := master.SyscallConn()
	if err != nil {
		return err
	}
	size := unix.Winsize{Col: uint16(min(max(cols, 1), 0xffff)), Row: uint16(min(max(rows, 1), 0xffff))}
	ctlErr := conn.Control(func(fd uintptr) {
		err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &size)
	})
	return errors.Join(ctlErr, err)
}
