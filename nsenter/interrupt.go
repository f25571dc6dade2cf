package nsenter

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// unreadInput is how many bytes a program may leave unread before Interrupt takes its input for stuck. A
// terminal holds 4 KiB of input, and what comes after that, ^C too, waits where it does nothing.
const unreadInput = 1 << 10

// Interrupt does what ^C does in a terminal, where ^C itself would have to wait behind input that nobody
// reads: it throws the input away, unless the terminal is set to keep it (NOFLSH of termios(3)), and sends
// SIGINT to the process group in the foreground (TIOCSIG, drivers/tty/pty.c). It reports false and changes
// nothing where ^C is better typed: if the input is read, or if ^C is a key like others to the program.
//
// A Write that goes on is ended, and what it has left counts as written. Nobody may begin another one until
// Interrupt returns; idle is to be closed once none goes on.
func (s *Session) Interrupt(idle <-chan struct{}) (done bool, err error) {
	tty, flush, err := s.stuck()
	if tty == nil || err != nil {
		return false, err
	}
	defer tty.Close()
	if err := s.pty.SetWriteDeadline(time.Unix(1, 0)); err != nil {
		return false, fmt.Errorf("end what is typed into the shell %d: %w", s.pid, err)
	}
	<-idle
	// It fails only once the pty is closed.
	defer func() { _ = s.pty.SetWriteDeadline(time.Time{}) }()
	if flush {
		err = control(tty, func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) })
		if err != nil {
			return false, fmt.Errorf("throw away the input of the shell %d: %w", s.pid, err)
		}
	}
	err = control(s.pty, func(fd int) error { return unix.IoctlSetInt(fd, unix.TIOCSIG, int(unix.SIGINT)) })
	if err != nil {
		return false, fmt.Errorf("interrupt the program in the shell %d: %w", s.pid, err)
	}
	return true, nil
}

// stuck returns the terminal of the shell if ^C would interrupt its program and has to wait, else nil, and
// whether ^C also throws away what was typed before.
func (s *Session) stuck() (tty *os.File, flush bool, err error) {
	var modes *unix.Termios
	full := []unix.PollFd{{Events: unix.POLLOUT}}
	err = control(s.pty, func(fd int) (err error) {
		full[0].Fd = int32(fd)
		if _, err = unix.Poll(full, 0); err != nil {
			return err
		}
		modes, err = unix.IoctlGetTermios(fd, unix.TCGETS) // of the terminal: the master has none
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("ask how the shell %d takes ^C: %w", s.pid, err)
	}
	if modes.Lflag&unix.ISIG == 0 || modes.Cc[unix.VINTR] != 0x03 {
		return nil, false, nil
	}
	tty, err = openPeer(s.pty)
	if err != nil {
		return nil, false, fmt.Errorf("open the terminal of the shell %d: %w", s.pid, err)
	}
	unread := 0
	err = control(tty, func(fd int) (err error) {
		unread, err = unix.IoctlGetInt(fd, unix.TIOCINQ)
		return err
	})
	if err != nil || full[0].Revents&unix.POLLOUT != 0 && unread < unreadInput {
		tty.Close()
		return nil, false, err
	}
	return tty, modes.Lflag&unix.NOFLSH == 0, nil
}

// control calls f with the descriptor of a file.
func control(file *os.File, f func(fd int) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	if ctlErr := conn.Control(func(fd uintptr) { err = f(int(fd)) }); ctlErr != nil {
		return ctlErr
	}
	return err
}
