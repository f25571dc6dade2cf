package test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// stillHost makes a host that does not change while it is looked at, in pid and mount namespaces of its
// own: what runs there waits for the end of its standard input, and one is a zombie for as long. Of what it says, "up" begins the lines
// with its names, its pid there, and the inode numbers of its net, pid and user namespaces.
const stillHost = `
exec 3<&0
umount -a -t nsfs
long=$(printf "%09000d" 7); half=$(printf "%06000d" 7)
mount -t tmpfs none /mnt; touch /mnt/a "/mnt/b b"
up='echo up $0 $$ $(readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/user | tr -dc "0-9\n"); read x'
unshare -n -u sh -c "$up" pod "$1" <&3 &
unshare -U -r -m -p -f sh -c "unshare -n sh -c '$up' inner <&3 & unshare -U -r -i -C sh -c '$up' deep <&3 & $up" nest <&3 &
unshare --net=/mnt/a sh -c "$up" named <&3 &
setpriv --reuid=33 --clear-groups sh -c "$up" www <&3 &
unshare -u sh -c "$up" long "$long" <&3 &
unshare -u sh -c "$up" half "$half" <&3 &
sh -c 'true & exec cat' <&3 & p=$!
until grep -q cat /proc/$p/comm && grep -q "^State:.Z" /proc/$(tr -d " " < /proc/$p/task/$p/children)/status; do :; done 2>/dev/null
echo up parent $p 0 0 0
until grep -q nsfs /proc/self/mountinfo; do :; done
mount --bind /mnt/a "/mnt/b b"
eval "$2"
echo up lab 1 0 0 0
read x
`

// odd is an argument that is hard to print, though nothing in it is made to deceive.
const odd = "we\x1b[31mird\n\tx\\x41\\y\"é界 \u00a0"

// still is a host like that.
type still struct {
	t     *testing.T
	pid   int // of its first process, as seen from here
	names *strings.Replacer
}

// startStill makes a still host. What is in extra is done by its first process, too.
func startStill(t *testing.T, extra string) *still {
	t.Helper()
	needRoot(t)
	for _, name := range []string{"lsns", "nsenter", "setpriv", "unshare"} {
		needProgram(t, name)
	}
	script := filepath.Join(t.TempDir(), "still")
	if err := os.WriteFile(script, []byte(stillHost), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*patience)
	cmd := exec.CommandContext(ctx, "unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "sh", script, odd, cmp.Or(extra, ":"))
	cmd.Stderr = os.Stderr
	stdin, stdout := startPiped(t, cmd)
	t.Cleanup(func() {
		_ = stdin.Close() // the end of the host
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			if exit := new(exec.ExitError); !errors.As(err, &exit) {
				t.Error(err)
			}
		}
		cancel()
	})
	h := &still{t: t}
	names := []string{"NOBODY", "999999"}
	lines := bufio.NewScanner(stdout)
	for range 10 {
		if !lines.Scan() {
			t.Fatalf("the host did not start: %v", lines.Err())
		}
		words := strings.Fields(lines.Text())
		if len(words) != 6 || words[0] != "up" {
			t.Fatalf("the host says %q", lines.Text())
		}
		name := strings.ToUpper(words[1])
		names = append(names, name+"PID", words[2], name+"NET", words[3], name+"PIDNS", words[4], name+"USER", words[5])
	}
	h.names = strings.NewReplacer(longestFirst(names)...)
	children := childrenOf(t, cmd.Process.Pid)
	if len(children) != 1 {
		t.Fatalf("unshare has children %v", children)
	}
	pid, err := strconv.Atoi(children[0])
	if err != nil {
		t.Fatal(err)
	}
	h.pid = pid
	return h
}

// longestFirst sorts pairs so that no name hides a longer one that begins with it.
func longestFirst(pairs []string) []string {
	list := slices.Collect(slices.Chunk(pairs, 2))
	slices.SortStableFunc(list, func(a, b []string) int { return len(b[0]) - len(a[0]) })
	return slices.Concat(list...)
}

// run runs a program in the host and returns what it wrote and how it ended.
func (h *still) run(env []string, argv ...string) (o outcome, stderr string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	all := append([]string{"-t", strconv.Itoa(h.pid), "-m", "-p", "--"}, argv...)
	cmd := exec.CommandContext(ctx, "nsenter", all...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), raceOptions(), "LANG=C.UTF-8"}, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		h.t.Fatalf("run %q: %v", argv, err)
	}
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return outcome{stdout: out.String(), end: fmt.Sprintf("exit %d", status.ExitStatus())}, errs.String()
}

// lsnsComparison is one command line that is given to lsns(8) and to nstui ls. Of both the same must come,
// or what is written down with the reason. A test that finds no difference where one is written down fails.
type lsnsComparison struct {
	args    string // apart by one space; names such as PODPID stand for what the host says
	env     string
	differs string
	end     string // how nstui ls ends if it differs
}

var lsnsComparisons = []lsnsComparison{
	{args: ""},
	{args: "-l"},
	{args: "--list"},
	{args: "-n"},
	{args: "-r"},
	{args: "-J"},
	{args: "-u"},
	{args: "-W"},
	{args: "-r -n"},
	{args: "-J -l"},
	{args: "-rl"},
	{args: "-W -t net"},
	{args: "-r -t net"},
	{args: "-J -t net"},
	{args: "-J -W -t net"},
	{args: "-l -t net"},
	{args: "-t net -t user"},
	{args: "--type=pid --type mnt"},
	{args: "-t uts -n"},
	{args: "-t time -J"},
	{args: "-t cgroup -t ipc"},
	// Columns.
	{args: "--output-all -l", differs: "it has columns of its own", end: "exit 0"},
	{args: "-o NS,TYPE,PATH,NPROCS,PID,PPID,COMMAND,UID,USER,NETNSID,NSFS,PNS,ONS -l"},
	{args: "-o NS"},
	{args: "-o ns,type,Path"},
	{args: "-o COMMAND,NS"},
	{args: "-o NSFS,NS,NSFS -t net"},
	{args: "-o +PATH,PPID,UID"},
	{args: "-o +PNS -o +ONS"},
	{args: "-o NS,NPROCS,PNS,ONS -l"},
	{args: "-o NETNSID,NS -r"},
	{args: "-J -o PNS,ONS,NETNSID,NSFS,PATH"},
	{args: "-n -r -o NS,TYPE,NPROCS,PID"},
	{args: "-o UID,USER,COMMAND"},
	{args: "--output PID,PPID,PID"},
	// Trees.
	{args: "-T"},
	{args: "--tree"},
	{args: "-Towner"},
	{args: "-T=owner -J"},
	{args: "--tree=parent"},
	{args: "-Tparent -r"},
	{args: "-Tprocess"},
	{args: "-T -o TYPE,NS,COMMAND"},
	{args: "-T -o TYPE,COMMAND"},
	{args: "-Tparent -t user -t pid -o NS,PNS"},
	{args: "-Tparent -t user -J"},
	{args: "-T -t net", differs: "owners of kinds that are not asked for are not shown, as by lsns 2.42", end: "exit 0"},
	// One process, one namespace.
	{args: "-p PODPID"},
	{args: "-p PODPID -J"},
	{args: "--task 1 -t net"},
	{args: "--task=WWWPID -o NS,USER"},
	{args: "-p PARENTPID -T"},
	{args: "-p NOBODY", differs: "that there is no such process is an error", end: "exit 1"},
	{args: "NAMEDNET"},
	{args: "-J NAMEDNET"},
	{args: "NESTPIDNS"},
	{args: "NESTUSER -l"},
	{args: "NESTUSER -J"},
	{args: "-r NESTUSER"},
	{args: "DEEPUSER -o PID,NS,TYPE"},
	{args: "-t pid NESTPIDNS"},
	{args: "-t net NESTPIDNS"},
	{args: "-- PODNET"},
	{args: "PODNET -n -o COMMAND"},
	{args: "-T PODNET"},
	// The way words are read.
	{args: "-lnt net"},
	{args: "-tnet -oNS"},
	{args: "--noh --out=NS --ty net"},
	{args: "--li --raw"},
	// Locales and widths.
	{args: "", env: "LC_ALL=C"},
	{args: "-r", env: "LC_ALL=C"},
	{args: "-J -T", env: "LANG=C"},
	{args: "", env: "COLUMNS=40"},
	// What makes no sense.
	{args: "-z"},
	{args: "--no"},
	{args: "--json=x"},
	{args: "-t"},
	{args: "-t network"},
	{args: "-o FOO"},
	{args: "-o NS,,PID", differs: "lsns fails without a word", end: "exit 1"},
	{args: "-p x"},
	{args: "-Tup"},
	{args: "-T="},
	{args: "5x"},
	{args: "5"},
	{args: "-J -r"},
	{args: "-l -T", differs: "lsns 2.38 takes both, 2.42 does not", end: "exit 1"},
	{args: "-p 1 PODNET"},
	{args: "PODNET DEEPUSER", differs: "a second namespace is not passed over in silence", end: "exit 1"},
	{args: "-p -5", differs: "no process can have that pid", end: "exit 1"},
}

func TestLsAsLsns(t *testing.T) {
	h := startStill(t, "")
	for _, c := range lsnsComparisons {
		t.Run(c.args+" "+c.env, func(t *testing.T) {
			words := strings.Fields(h.names.Replace(c.args))
			var env []string
			if c.env != "" {
				env = append(env, c.env)
			}
			theirs, theirErrs := h.run(env, append([]string{"lsns"}, words...)...)
			ours, ourErrs := h.run(env, append([]string{binary, "ls"}, words...)...)
			same := ours == theirs && (ourErrs == "") == (theirErrs == "")
			switch {
			case c.differs == "" && !same:
				t.Errorf("%s %q, lsns: %s %q\n%s", ours.end, ourErrs, theirs.end, theirErrs, firstDifference(ours.stdout, theirs.stdout))
			case c.differs != "" && same:
				t.Errorf("it is the same, though %q", c.differs)
			case c.differs != "" && ours.end != c.end:
				t.Errorf("got %s, want %s: %s", ours.end, c.end, ourErrs)
			}
		})
	}
}

// firstDifference returns the first lines that are not the same.
func firstDifference(ours, theirs string) string {
	a, b := strings.Split(ours, "\n"), strings.Split(theirs, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d of ours  %q\nline %d of lsns  %q", i+1, a[i], i+1, b[i])
		}
	}
	return fmt.Sprintf("%d lines, lsns %d", len(a), len(b))
}

// On a terminal lines are cut to its width, in the column that may be.
func TestLsAsLsnsOnTerminals(t *testing.T) {
	h := startStill(t, "")
	needProgram(t, "script")
	for _, columns := range []string{"30", "60", "80", "500"} {
		for _, args := range []string{"", "-u", "-r", "-J", "-t net", "-T", "-o COMMAND,NS", "-o NS,COMMAND,NSFS,COMMAND -t net"} {
			size := "stty cols " + columns + "; "
			theirs, _ := h.run(nil, "script", "-qec", size+"lsns "+args, "/dev/null")
			ours, _ := h.run(nil, "script", "-qec", size+binary+" ls "+args, "/dev/null")
			if ours != theirs {
				t.Errorf("%s columns, %q: %s, lsns: %s\n%s", columns, args, ours.end, theirs.end, firstDifference(ours.stdout, theirs.stdout))
			}
		}
	}
}

// Every line lsns has is there. Others are of namespaces no process is in, and say why they live.
func TestLsFindsMoreThanLsns(t *testing.T) {
	h := startStill(t, `touch /mnt/c; unshare --net=/mnt/c true; unshare -m --propagation private sh -c '
mount -t tmpfs none /media; touch /media/u; unshare --uts=/media/u true; echo far >&2; read x' <&3 2>/mnt/far & until grep -qs far /mnt/far; do :; done`)
	const columns = "NS,TYPE,NPROCS,PID"
	theirs, _ := h.run(nil, "lsns", "-nrlo", columns)
	ours, errs := h.run(nil, binary, "ls", "-nrlo", columns+",KEPTBY")
	if ours.end != "exit 0" || errs != "" {
		t.Fatalf("%s %q", ours.end, errs)
	}
	known := make(map[string]bool)
	for line := range strings.Lines(theirs.stdout) {
		known[strings.TrimSpace(line)] = true
	}
	extra := make(map[string]string)
	for line := range strings.Lines(ours.stdout) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(words) != 5 {
			t.Fatalf("the line %q", line)
		}
		row := strings.TrimSpace(strings.Join(words[:4], " "))
		if known[row] {
			delete(known, row)
			continue
		}
		if words[2] != "0" || words[3] != "" || words[4] == "" {
			t.Errorf("the line %q is more than lsns has, and does not say why", line)
		}
		extra[words[1]] = words[4]
	}
	if len(known) > 0 {
		t.Errorf("missing: %v", known)
	}
	if why := extra["net"]; !strings.HasPrefix(why, `mount\x20/mnt/c,mount\x20/mnt/c\x20in\x20mnt:[`) {
		t.Errorf("the network namespace lives by %q", why)
	}
	if why := extra["uts"]; !strings.HasPrefix(why, `mount\x20/media/u\x20in\x20mnt:[`) {
		t.Errorf("the uts namespace lives by %q", why)
	}
	persistent, _ := h.run(nil, binary, "ls", "-P", "-n", "-o", "NS")
	if got := strings.Count(persistent.stdout, "\n"); got != len(extra) {
		t.Errorf("ls -P has %d lines, want %d:\n%s", got, len(extra), persistent.stdout)
	}
}

// What is asked for and cannot be read is an error; what cannot be read of a list is said.
func TestLsAsOrdinaryUser(t *testing.T) {
	needRoot(t)
	run := func(args ...string) (outcome, string) {
		cmd := exec.CommandContext(t.Context(), binary, append([]string{"ls"}, args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: ordinary()}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return outcome{out.String(), fmt.Sprintf("exit %d", cmd.ProcessState.ExitCode())}, errs.String()
	}
	pid := strconv.Itoa(os.Getpid())
	if o, errs := run("-p", pid); o.end != "exit 1" || o.stdout != "" || !strings.Contains(errs, "pid "+pid+": read /proc/"+pid+"/ns: permission denied (EACCES)") {
		t.Errorf("a process of root: %s, %q and %q", o.end, errs, o.stdout)
	}
	if o, errs := run(); o.end != "exit 0" || !strings.Contains(errs, "refused to show their namespaces: permission denied (EACCES)") ||
		!strings.Contains(o.stdout, " net ") {
		t.Errorf("a list: %s, %q and %q", o.end, errs, o.stdout)
	}
}

// Where lsns writes what turns the direction of a terminal's lines, or JSON that is no UTF-8, we do not.
// Else the lines are the same.
func TestLsEscapesMoreThanLsns(t *testing.T) {
	// Its own word tells that it is there: until it has run the program the process is one more of the host's.
	h := startStill(t, `unshare -u sh -c "echo up >&2; read x" "$(printf 'a\342\200\256b\302\233c\200d')" <&3 2>/mnt/up & until grep -qs up /mnt/up; do :; done`)
	const direction, broken = "\u202e", "\x80"
	for args, change := range map[string][]string{
		"-t uts":    {direction, `\xe2\x80\xae`},
		"-t uts -J": {direction, `\u202e`, "\u009b", `\u009b`, broken, "\ufffd"},
		"-t uts -r": nil,
	} {
		theirs, _ := h.run(nil, append([]string{"lsns"}, strings.Fields(args)...)...)
		ours, _ := h.run(nil, append([]string{binary, "ls"}, strings.Fields(args)...)...)
		if change != nil && !strings.Contains(theirs.stdout, direction) {
			t.Errorf("%s: lsns escapes it, too", args)
		}
		if want := strings.NewReplacer(change...).Replace(theirs.stdout); ours.stdout != want {
			t.Errorf("%s: %s", args, firstDifference(ours.stdout, want))
		}
	}
}

// Another proc root tells the same, by paths of its own.
func TestLsOfAnotherProcRoot(t *testing.T) {
	h := startStill(t, "mount -t proc proc /media")
	const columns = "NS,TYPE,NPROCS,PID,PATH,USER,NETNSID,NSFS,PNS,ONS,LEVEL,KEPTBY,COMMAND"
	want, errs := h.run(nil, binary, "ls", "-nro", columns)
	if want.end != "exit 0" || errs != "" {
		t.Fatalf("%s %q", want.end, errs)
	}
	got, errs := h.run(nil, binary, "ls", "-nro", columns, "--proc", "/media/")
	if got.end != "exit 0" || errs != "" || got.stdout != strings.ReplaceAll(want.stdout, " /proc/", " /media/") {
		t.Errorf("%s %q\n%s", got.end, errs, firstDifference(got.stdout, want.stdout))
	}
	if o, errs := h.run(nil, binary, "ls", "--proc", "/mnt"); o.end == "exit 0" || !strings.Contains(errs, "/mnt") {
		t.Errorf("a root that is no proc: %s %q and\n%s", o.end, errs, o.stdout)
	}
}
