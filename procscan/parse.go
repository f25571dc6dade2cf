package procscan

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"nstui/procscan/ns"
)

// The parsers take bytes and allocate nothing unless what they return is new: a scan calls them for
// every process. They are strict, so that what they do not understand is counted and not guessed.

// procStat is what a scan takes from /proc/PID/stat, see proc_pid_stat(5).
type procStat struct {
	comm   []byte // part of the text that was parsed
	state  byte
	ppid   int
	kernel bool
	start  uint64
	// threads is how many threads the process has, itself included.
	threads int
}

// Fields of /proc/PID/stat by their numbers in proc_pid_stat(5).
const (
	statState   = 3
	statPPID    = 4
	statFlags   = 9
	statThreads = 20
	statStart   = 22
)

// flagKthread is PF_KTHREAD of the kernel's linux/sched.h. An empty command line is no proof of a
// kernel thread: any process can wipe its own.
const flagKthread = 0x00200000

// parseStat parses the text of /proc/PID/stat. The name in parentheses is the process's own choice
// and may hold parentheses, blanks and newlines, so it ends at the last parenthesis.
func parseStat(text []byte) (procStat, bool) {
	var st procStat
	opened, closed := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if opened < 0 || closed < opened {
		return st, false
	}
	st.comm = text[opened+1 : closed]
	rest := text[closed+1:]
	for field := statState; field <= statStart; field++ {
		var word []byte
		if word, rest = nextWord(rest); len(word) == 0 {
			return st, false
		}
		if field == statState {
			if len(word) != 1 {
				return st, false
			}
			st.state = word[0]
			continue
		}
		if field != statPPID && field != statFlags && field != statThreads && field != statStart {
			continue
		}
		n, ok := parseUint(word)
		if !ok {
			return st, false
		}
		switch field {
		case statPPID:
			if n > math.MaxInt32 {
				return st, false
			}
			st.ppid = int(n)
		case statFlags:
			st.kernel = n&flagKthread != 0
		case statThreads:
			if n > math.MaxInt32 {
				return st, false
			}
			st.threads = int(n)
		case statStart:
			// The last field needed must be whole: a text cut in it would give a wrong identity.
			if len(rest) == 0 {
				return st, false
			}
			st.start = n
		}
	}
	return st, true
}

// nextWord returns the first word of a line and what follows it.
func nextWord(line []byte) (word, rest []byte) {
	for len(line) > 0 && line[0] == ' ' {
		line = line[1:]
	}
	end := 0
	for end < len(line) && line[end] != ' ' && line[end] != '\n' {
		end++
	}
	return line[:end], line[end:]
}

// parseUint parses a decimal number without a sign.
func parseUint(digits []byte) (uint64, bool) {
	if len(digits) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		d := uint64(c - '0')
		if c < '0' || c > '9' || n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// parsePID parses a name in the proc root; false if it is not that of a process.
func parsePID(name []byte) (int, bool) {
	n, ok := parseUint(name)
	if !ok || n == 0 || n > math.MaxInt32 || name[0] == '0' {
		return 0, false
	}
	return int(n), true
}

// parseInode is ns.ParseLink for the link of a kind that is known, without allocation: it returns
// the inode number in the text "net:[4026531840]".
func parseInode(text []byte, k ns.Kind) (uint64, bool) {
	name := k.String()
	if len(text) < len(name)+len(":[]") || string(text[:len(name)]) != name {
		return 0, false
	}
	text = text[len(name):]
	if text[0] != ':' || text[1] != '[' || text[len(text)-1] != ']' {
		return 0, false
	}
	ino, ok := parseUint(text[2 : len(text)-1])
	return ino, ok && ino != 0
}

// parseArgs splits the text of /proc/PID/cmdline. It returns old if the text says the same.
// Empty arguments at the end are dropped: programs that set a title fill the rest with NULs.
func parseArgs(text []byte, old []string) []string {
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 {
		return nil
	}
	if sameArgs(text, old) {
		return old
	}
	return strings.Split(string(text), "\x00")
}

// sameArgs reports whether the arguments joined by NULs are the text.
func sameArgs(text []byte, args []string) bool {
	if len(args) == 0 {
		return false
	}
	for i, arg := range args {
		if i > 0 {
			if len(text) == 0 || text[0] != 0 {
				return false
			}
			text = text[1:]
		}
		if len(text) < len(arg) || string(text[:len(arg)]) != arg {
			return false
		}
		text = text[len(arg):]
	}
	return len(text) == 0
}

// parseCgroup returns the path to show from the text of /proc/PID/cgroup, see cgroups(7): that in
// the unified hierarchy, unless it is its root and a hierarchy of version 1 has a longer one. The
// path is part of the text. It is empty where no line could be understood.
func parseCgroup(text []byte) []byte {
	var unified, longest []byte
	for len(text) > 0 {
		var controllers, path []byte
		controllers, path, text = nextGroup(text)
		switch {
		case len(path) == 0:
		case len(controllers) == 0:
			unified = path
		case len(path) > len(longest):
			longest = path
		}
	}
	if len(unified) > 1 || len(longest) == 0 {
		return unified
	}
	return longest
}

// nextGroup parses the first line of the text of /proc/PID/cgroup and returns what follows it. The path is
// empty where the line is not understood.
func nextGroup(text []byte) (controllers, path, rest []byte) {
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	id, line, ok := bytes.Cut(line, []byte{':'})
	if _, number := parseUint(id); !ok || !number {
		return nil, nil, rest
	}
	controllers, path, ok = bytes.Cut(line, []byte{':'})
	if !ok || len(path) == 0 || path[0] != '/' {
		return nil, nil, rest
	}
	return controllers, path, rest
}

// maxGroups is how many different paths are kept of a process. There are thirteen hierarchies at most that
// have controllers, and nearly always they say one of two things.
const maxGroups = 16

// appendGroups appends the paths in the text of /proc/PID/cgroup, each once, joined by newlines, which the
// kernel allows in no name of a control group. It appends nothing where there is one path alone.
func appendGroups(to, text []byte) []byte {
	begin, n := len(to), 0
next:
	for len(text) > 0 && n < maxGroups {
		var path []byte
		if _, path, text = nextGroup(text); len(path) == 0 {
			continue
		}
		for known := to[begin:]; len(known) > 0; {
			var line []byte
			if line, known, _ = bytes.Cut(known, []byte{'\n'}); bytes.Equal(line, path) {
				continue next
			}
		}
		if n++; n > 1 {
			to = append(to, '\n')
		}
		to = append(to, path...)
	}
	if n < 2 {
		return to[:begin]
	}
	return to
}

// parseNSpid returns the numbers of the line NSpid in the text of /proc/PID/status, see
// proc_pid_status(5); nil where there is none. The kernel escapes newlines in the name of the
// process there, so a line cannot be forged.
func parseNSpid(text []byte) []int {
	_, line, ok := bytes.Cut(text, []byte("\nNSpid:"))
	if !ok {
		return nil
	}
	line, _, ok = bytes.Cut(line, []byte{'\n'})
	if !ok { // cut off: the last number may be half
		return nil
	}
	pids := make([]int, 0, bytes.Count(line, []byte{'\t'}))
	for len(line) > 0 {
		var word []byte
		line = bytes.TrimLeft(line, "\t ")
		word, line, _ = bytes.Cut(line, []byte{'\t'})
		pid, ok := parseUint(word)
		if !ok || pid > math.MaxInt32 {
			return nil
		}
		pids = append(pids, int(pid))
	}
	return pids
}

// parseBoot returns the time of boot from a line of /proc/stat, see proc_stat(5); false where it is
// another line.
func parseBoot(line []byte) (time.Time, bool) {
	line, ok := bytes.CutPrefix(line, []byte("btime "))
	if !ok {
		return time.Time{}, false
	}
	word, _ := nextWord(line)
	seconds, ok := parseUint(word)
	if !ok || seconds > math.MaxInt32*1000 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// parseHidepid returns the value of the option hidepid, see proc(5), from a line of
// /proc/PID/mountinfo, see proc_pid_mountinfo(5); false if the line is of a file system with another
// device number. The option belongs to the file system, not to the mount point, so any mount of it
// tells. It is empty where nothing is hidden.
func parseHidepid(line []byte, major, minor uint32) (value string, ok bool) {
	var scratch [24]byte
	want := strconv.AppendUint(scratch[:0], uint64(major), 10)
	want = append(want, ':')
	want = strconv.AppendUint(want, uint64(minor), 10)
	_, rest := nextWord(line) // mount id
	_, rest = nextWord(rest)  // parent id
	device, rest := nextWord(rest)
	if !bytes.Equal(device, want) {
		return "", false
	}
	_, rest, ok = bytes.Cut(rest, []byte(" - ")) // blanks in paths are escaped
	if !ok {
		return "", false
	}
	_, rest = nextWord(rest) // type
	_, rest = nextWord(rest) // source
	options, _ := nextWord(rest)
	for len(options) > 0 {
		var option []byte
		option, options, _ = bytes.Cut(options, []byte{','})
		if value, ok := bytes.CutPrefix(option, []byte("hidepid=")); ok {
			return string(value), true
		}
	}
	return "", true
}
