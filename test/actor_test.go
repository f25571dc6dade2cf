package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// actor describes a process that a test wants to see in nstui. The test binary starts itself to
// become it: it prepares its namespaces from inside and then executes itself once more under the name
// and with the arguments wanted. From then on it writes back what it reads, until the end of its
// input, and so never outlives the test.
type actor struct {
	Comm  string     // name of the process, at most 15 bytes; no slash
	Args  []string   // its arguments, the first one included; Comm if empty
	Setup [][]string // commands it runs first
	// Flags are the namespaces it gets, as CLONE_NEW… flags.
	Flags uintptr `json:"-"`
	// Credential is whom it runs as; nil is the caller.
	Credential *syscall.Credential `json:"-"`
}

// The variables an actor is told its part with.
const (
	actorVariable  = "NSTUI_TEST_ACTOR"  // the actor to become, or one of the words
	folderVariable = "NSTUI_TEST_FOLDER" // where the file is whose name it takes
	echo           = "echo"
	cage           = "cage"  // echo, with the folder as its root directory
	names          = "names" // who processes belong to
)

// actIfActor plays the part this process was started for, if it was started for one.
func actIfActor() {
	part := os.Getenv(actorVariable)
	if part == "" {
		return
	}
	var err error
	switch part {
	case echo:
		_, err = io.Copy(os.Stdout, os.Stdin)
	case names:
		err = readNames(os.Stdin, os.Stdout)
	case cage:
		if err = syscall.Chroot(os.Getenv(folderVariable)); err == nil {
			_, err = io.Copy(os.Stdout, os.Stdin)
		}
	default:
		err = become(part)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// become prepares the namespaces and executes. It returns only if that failed.
func become(part string) error {
	var a actor
	if err := json.Unmarshal([]byte(part), &a); err != nil {
		return err
	}
	for _, command := range a.Setup {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", command, err, out)
		}
	}
	// The file that is executed gives the process its name.
	return syscall.Exec(filepath.Join(os.Getenv(folderVariable), a.Comm), a.Args, []string{actorVariable + "=" + echo})
}

// play starts the actor and returns when it is in place. It ends with the test.
func play(t testing.TB, a actor) (pid int) {
	t.Helper()
	if len(a.Args) == 0 {
		a.Args = []string{a.Comm}
	}
	part, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp(filepath.Dir(binary), "actor-")
	if err != nil {
		t.Fatal(err)
	}
	// An actor may be another user, who cannot reach the test binary itself where go test puts it.
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(actorBinary, filepath.Join(folder, a.Comm)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(actorBinary)
	cmd.Env = append(os.Environ(), actorVariable+"="+string(part), folderVariable+"="+folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: a.Flags, Credential: a.Credential}
	if a.Flags&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	startActor(t, cmd)
	return cmd.Process.Pid
}

// copySelf copies the test binary to a place every user can reach.
func copySelf(path string) (err error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer func() { _ = self.Close() }() // it was read only
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, self)
	return errors.Join(err, file.Close())
}

// startActor starts the command, and waits until it does what an actor in place does.
func startActor(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, stdout := startPiped(t, cmd)
	t.Cleanup(func() {
		if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
			t.Errorf("an actor failed: %v\n%.1000s", err, stderr.Bytes())
		}
	})
	const word = "in place\n"
	if _, err := io.WriteString(stdin, word); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(word))
	if _, err := io.ReadFull(stdout, back); err != nil || string(back) != word {
		t.Fatalf("an actor came to nothing: %q, %v", back, err)
	}
}

// startPiped starts a command and returns the other ends of its standard input and output.
func startPiped(t testing.TB, cmd *exec.Cmd) (in io.WriteCloser, out io.ReadCloser) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if out, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return in, out
}
