package drive

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"nstui/ui/term"
)

// Options say how a program is started.
type Options struct {
	Args []string // the arguments, without the name of the program
	Env  []string // the whole environment; Environ() if nil
	Dir  string
	Size term.Size // 80x24 if zero
	// Terminal says what the terminal tells the program about itself, such as its background.
	Terminal term.Options
	// NoKitty is for a terminal that does not speak the kitty keyboard protocol: it does not answer for it.
	NoKitty bool
	// Before is written to the terminal before the program starts, like the prompt of the shell a
	// user starts it from. It is on the screen again when the program has left the alternate screen.
	Before string
	// Credential is whom the program runs as; nil is the caller.
	Credential *syscall.Credential
}

// Environ returns the environment of a colour terminal and no more of the caller's than programs
// need to be found, and the options of the race detector. It has a home without files of shells, which may run
// anything: what the caller's run has waited for a minute.
func Environ() []string {
	env := []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "HOME=/"}
	for _, name := range []string{"PATH", "GORACE"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Program is a running program and the terminal it runs in. Its methods may be called from any
// goroutine. Close must be called.
type Program struct {
	cmd     *exec.Cmd
	master  *os.File
	initial unix.Termios
	ended   chan struct{} // closed when the program has ended
	drained chan struct{} // closed when nobody can write to the terminal any more
	noKitty bool

	mu      sync.Mutex
	screen  *term.Terminal
	changed chan struct{} // closed at the next output, then replaced
	waitErr error
}

// Start starts a program as the leader of a session whose terminal is new.
func Start(binary string, opts Options) (*Program, error) {
	if opts.Size == (term.Size{}) {
		opts.Size = term.Size{W: 80, H: 24}
	}
	if opts.Env == nil {
		opts.Env = Environ()
	}
	master, slave, err := openPTY()
	if err != nil {
		return nil, fmt.Errorf("open a pty: %w", err)
	}
	defer func() { _ = slave.Close() }() // the program has its own
	p := &Program{
		master:  master,
		ended:   make(chan struct{}),
		drained: make(chan struct{}),
		screen:  term.New(opts.Size, opts.Terminal),
		changed: make(chan struct{}),
		noKitty: opts.NoKitty,
	}
	if err := p.start(binary, slave, opts); err != nil {
		return nil, errors.Join(err, master.Close())
	}
	go p.run()
	go p.read()
	return p, nil
}

// openPTY opens a pty. The master of pty.Open is in blocking mode: closing it would wait for a read that
// goes on, and the terminal be hung up only with the next output.
func openPTY() (master, slave *os.File, err error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, blocking.Close()) }()
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, nil, errors.Join(err, slave.Close())
	}
	return os.NewFile(uintptr(fd), blocking.Name()), slave, nil
}

// start makes the terminal ready and starts the program in it.
func (p *Program) start(binary string, slave *os.File, opts Options) error {
	if err := setSize(p.master, opts.Size); err != nil {
		return err
	}
	if cred := opts.Credential; cred != nil {
		if err := slave.Chown(int(cred.Uid), int(cred.Gid)); err != nil {
			return fmt.Errorf("give the terminal to uid %d: %w", cred.Uid, err)
		}
	}
	// As the line discipline would have sent it.
	if _, err := p.screen.Write([]byte(strings.ReplaceAll(opts.Before, "\n", "\r\n"))); err != nil {
		return fmt.Errorf("write to the screen: %w", err)
	}
	var err error
	if p.initial, err = p.Modes(); err != nil {
		return err
	}
	p.cmd = exec.Command(binary, opts.Args...)
	p.cmd.Env = opts.Env
	p.cmd.Dir = opts.Dir
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Credential: opts.Credential}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	return nil
}

// run waits for the end of the program.
func (p *Program) run() {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.waitErr = err
	p.mu.Unlock()
	close(p.ended)
}

// read feeds the screen and passes the answers of the terminal on, until the last process on the
// terminal has closed it (the read fails with EIO then) or the driver has.
func (p *Program) read() {
	defer close(p.drained)
	answers := make(chan []byte, 16)
	defer close(answers)
	go func() {
		for answer := range answers {
			_, _ = p.master.Write(answer) // to a program that may be gone
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := p.master.Read(buf)
		if answer := p.feed(buf[:n]); len(answer) > 0 {
			select {
			case answers <- answer:
			default: // a program that asks and does not read gets no more
			}
		}
		if err != nil {
			return
		}
	}
}

// feed writes output to the screen, wakes who waits for it, and returns what the terminal answers.
func (p *Program) feed(output []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.screen.Write(output) // an emulator takes everything
	close(p.changed)
	p.changed = make(chan struct{})
	answers := p.screen.TakeReplies()
	if p.noKitty {
		answers = kittyAnswer.ReplaceAll(answers, nil)
	}
	return answers
}

// kittyAnswer is what a terminal that speaks the kitty keyboard protocol answers to CSI ? u.
var kittyAnswer = regexp.MustCompile(`\x1b\[\?[0-9]+u`)
