package drive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/ui/term"
)

// Keys as a terminal in its normal mode sends them.
const (
	Enter     = "\r"
	Esc       = "\x1b"
	Tab       = "\t"
	Backspace = "\x7f"
	Up        = "\x1b[A"
	Down      = "\x1b[B"
	Right     = "\x1b[C"
	Left      = "\x1b[D"
	PageUp    = "\x1b[5~"
	PageDown  = "\x1b[6~"
	CtrlC     = "\x03"
	CtrlL     = "\x0c"
	CtrlZ     = "\x1a"
	Prefix    = "\x1d" // ctrl+]
)

// Send types: it writes keys, in the bytes a terminal sends for them.
func (p *Program) Send(keys string) error {
	if _, err := p.master.WriteString(keys); err != nil {
		return fmt.Errorf("type %q: %w", keys, err)
	}
	return nil
}

// Resize gives the terminal another size, as a user who drags its corner does.
func (p *Program) Resize(size term.Size) error {
	p.mu.Lock()
	p.screen.Resize(size)
	p.mu.Unlock()
	return setSize(p.master, size)
}

// ResizeQuietly tells the program of a size, which may be 0x0, and leaves the screen as it is.
func (p *Program) ResizeQuietly(size term.Size) error { return setSize(p.master, size) }

func setSize(master *os.File, size term.Size) error {
	conn, err := master.SyscallConn() // pty.Setsize would put the master into blocking mode
	if err == nil {
		ws := unix.Winsize{Col: uint16(size.W), Row: uint16(size.H)}
		var ioctlErr error
		err = conn.Control(func(fd uintptr) { ioctlErr = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &ws) })
		err = errors.Join(err, ioctlErr)
	}
	if err != nil {
		return fmt.Errorf("resize the terminal to %dx%d: %w", size.W, size.H, err)
	}
	return nil
}

// PID returns the pid of the program.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal to the program alone, not to what runs in its terminal.
func (p *Program) Signal(sig syscall.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("send %v to the program: %w", sig, err)
	}
	return nil
}

// Wait waits until the program has ended and its terminal is closed, and returns its exit status,
// 128+n if signal n killed it. That the terminal stays open is an error: a process that the program
// started has outlived it.
func (p *Program) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.ended:
	case <-ctx.Done():
		return 0, p.lament(ctx, "wait for the end of the program")
	}
	select {
	case <-p.drained:
	case <-ctx.Done():
		return 0, p.lament(ctx, "wait for the end of what the program left on its terminal")
	}
	state := p.cmd.ProcessState
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal()), nil
	}
	return state.ExitCode(), nil
}

// Usage returns the processor time and memory the program took. It may be called after Wait.
func (p *Program) Usage() *syscall.Rusage {
	usage, _ := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return usage
}

// Modes returns the modes of the terminal, see termios(3): echo, signals, line editing.
func (p *Program) Modes() (unix.Termios, error) {
	conn, err := p.master.SyscallConn()
	if err != nil {
		return unix.Termios{}, fmt.Errorf("read the modes of the terminal: %w", err)
	}
	// On the master, Linux answers for the terminal.
	var modes *unix.Termios
	var ioctlErr error
	err = conn.Control(func(fd uintptr) { modes, ioctlErr = unix.IoctlGetTermios(int(fd), unix.TCGETS) })
	if err := errors.Join(err, ioctlErr); err != nil {
		return unix.Termios{}, fmt.Errorf("read the modes of the terminal: %w", err)
	}
	return *modes, nil
}

// InitialModes returns the modes the terminal had before the program started.
func (p *Program) InitialModes() unix.Termios { return p.initial }

// HangUp closes the terminal, as a lost connection does: the kernel sends SIGHUP to its session.
func (p *Program) HangUp() error {
	if err := p.master.Close(); err != nil {
		return fmt.Errorf("close the terminal: %w", err)
	}
	return nil
}

// Close ends the program, if it still runs, and closes its terminal.
func (p *Program) Close() error {
	err := p.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-p.ended
	if closeErr := p.master.Close(); !errors.Is(closeErr, os.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	<-p.drained
	return err
}
