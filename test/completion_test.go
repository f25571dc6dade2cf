package test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nstui/test/drive"
)

// shells are how the shells start that words are completed in, without what the user or the host has set up, and
// how they read a script.
var shells = map[string]struct {
	command []string
	setUp   string
}{
	"bash": {[]string{"bash", "--noprofile", "--norc", "-i"}, "PS1='here> '; source <(nstui completion bash)"},
	"zsh":  {[]string{"zsh", "-f", "-i"}, "PS1='here> '; autoload -U compinit; compinit -u -D; source <(nstui completion zsh)"},
	"fish": {[]string{"fish", "--private", "--no-config", "-i"}, "function fish_prompt; echo 'here> '; end; nstui completion fish | source"},
}

// The shells complete what is typed, and hand the word on as it is called, whatever that is.
func TestCompletion(t *testing.T) {
	needRoot(t) // to mount
	for name := range shells {
		t.Run(name, func(t *testing.T) {
			needProgram(t, name)
			s := startShell(t, name)
			for _, test := range []struct{ typed, line, said string }{
				{"nstui enter -t netns:bluebe", "nstui enter -t netns:blueberry", "/run/netns/blueberry"},
				{"nstui enter --target=netns:bluebe", "nstui enter --target=netns:blueberry", "/run/netns/blueberry"},
				{"nstui enter -t netns:red", "nstui enter -t netns:red:x", "/run/netns/red:x"},
				{"nstui ls --containers -t mn", "nstui ls --containers -t mnt", "--containers and --type exclude each other"},
				{"nstui ls -P -p 1 -o NS,KEP", "nstui ls -P -p 1 -o NS,KEPTBY", "--persistent and --task exclude each other"},
				{"nstui enter --preserve-c", "nstui enter --preserve-credentials", "no namespace specified"},
				{"nstui --mouse --proc /none --them", "nstui --mouse --proc /none --theme", "flag needs an argument"},
				{"nstui doc", "nstui doctor", "works"},
			} {
				s.send(test.typed)
				s.wait(test.typed)
				s.send("\t")
				s.wait(test.line)
				if test.line == "nstui doctor" {
					break // it takes a while, and is known by its name
				}
				s.waitFor("a word", func(v drive.View) bool {
					return len(strings.TrimRight(strings.Join(v.Lines(), "\n"), " \n")) > len(test.typed)
				})
				s.send(drive.Enter)
				s.wait(test.said)
				s.send("\x0c") // an empty screen
				s.waitFor("a new prompt", prompting)
			}
		})
	}
}

// No shell completes what is a command to it, with quotes and without: any user may call a process so.
func TestCompletionOfCommands(t *testing.T) {
	needRoot(t) // to mount
	for name := range shells {
		t.Run(name, func(t *testing.T) {
			needProgram(t, name)
			s := startShell(t, name)
			play(t, actor{Comm: "zq$(touch p)", Flags: syscall.CLONE_NEWUTS, Credential: ordinary()})
			for _, typed := range []string{`"zq`, "zq", "'zq", "netns:gre", `"netns:gre`, `container:"zq`} {
				line := "nstui enter -t " + typed
				s.send(line)
				s.wait(line)
				s.send("\t_end")
				s.wait(line + "_end")
				s.send("\x15") // an empty line
				s.waitFor("an empty line", prompting)
			}
		})
	}
}

// prompting reports whether a shell waits for a command, with nothing else on the screen.
func prompting(v drive.View) bool {
	return strings.TrimSpace(strings.Join(v.Lines(), "\n")) == "here>"
}

// startShell starts a shell that completes the words of nstui, in a mount namespace where ip-netns(8) has some
// names for what is no namespace.
func startShell(t *testing.T, name string) *session {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(folder, "nstui")); err != nil {
		t.Fatal(err)
	}
	shell := shells[name]
	script := `mkdir -p /run/netns
		mount -t tmpfs none /run/netns
		touch /run/netns/blueberry /run/netns/red:x '/run/netns/green;$(touch p)'
		cd "$0"
		exec "$@"`
	env := append(drive.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "HOME="+folder, "ENV=", "INPUTRC=/dev/null")
	s := startProgram(t, "unshare", drive.Options{
		Args: append([]string{"--mount", "sh", "-ec", script, folder}, shell.command...), Env: env, Dir: folder,
	})
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(folder, "p")); err == nil {
			t.Error("a name has been run as a command")
		}
	})
	s.send(shell.setUp + "; clear" + drive.Enter)
	s.waitFor("a prompt", prompting)
	return s
}
