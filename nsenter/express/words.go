package express

// kind is one of the namespaces that are entered here.
type kind struct {
	short, long string // its option
	name        string // its file in /proc/PID/ns
	flag        uintptr
}

// The kinds with their CLONE_NEW… flags, from the kernel's include/uapi/linux/sched.h.
var kinds = [...]kind{
	{"-n", "--net", "net", 0x40000000},
	{"-u", "--uts", "uts", 0x04000000},
	{"-i", "--ipc", "ipc", 0x08000000},
	{"-C", "--cgroup", "cgroup", 0x02000000},
}

// order is what a command line asks for.
type order struct {
	pid     string
	kind    *kind
	program []string
}

// read reads the words behind "enter" as getopt_long(3) does, as far as they are the simple case: one kind,
// one pid, a program. All else is not ok.
func read(words []string) (o order, ok bool) {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch {
		case word == "--":
			ok = o.setProgram(words)
			return o, ok
		case word == "-t" || word == "--target":
			if len(words) == 0 || !o.setPID(words[0]) {
				return o, false
			}
			words = words[1:]
		case begins(word, "--target="):
			if !o.setPID(word[len("--target="):]) {
				return o, false
			}
		case begins(word, "-t"):
			if !o.setPID(word[len("-t"):]) {
				return o, false
			}
		case begins(word, "-"):
			if !o.setKind(word) {
				return o, false
			}
		default:
			ok = o.setProgram(append([]string{word}, words...))
			return o, ok
		}
	}
	return o, false // a shell is chosen the ordinary way
}

// setProgram ends the reading. It is not ok if something is missing.
func (o *order) setProgram(program []string) bool {
	o.program = program
	if o.pid == "" || o.kind == nil || len(program) == 0 {
		return false
	}
	name := program[0]
	return name != "" && name != "." && name != ".."
}

// maxDigits are those of the highest pid Linux has, 4194304.
const maxDigits = 7

func (o *order) setPID(s string) bool {
	if o.pid != "" || s == "" || len(s) > maxDigits || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	o.pid = s
	return true
}

func (o *order) setKind(word string) bool {
	for i := range kinds {
		if k := &kinds[i]; word == k.short || word == k.long {
			again := o.kind != nil
			o.kind = k
			return !again
		}
	}
	return false
}

// own begins the names of variables that are this program's, and nested is the one that says it runs as a
// child of itself.
const (
	own    = "NSTUI_"
	nested = own + "STAGE="
)

// strip returns the environment without what is this program's. It is not ok in a child of ourselves.
func strip(env []string) (kept []string, ok bool) {
	for _, entry := range env {
		switch {
		case begins(entry, nested):
			return nil, false
		case !begins(entry, own):
			kept = append(kept, entry)
		}
	}
	return kept, true
}

// candidates returns the files a program of that name can be, in the order execvp(3) tries them. It is
// not ok if the ordinary way, which makes paths shorter where it can, would name them in another way.
func candidates(name string, env []string) (files []string, ok bool) {
	if contains(name, '/') {
		return []string{name}, true
	}
	const variable = "PATH="
	dirs := "/bin:/usr/bin"
	for _, entry := range env {
		if begins(entry, variable) {
			dirs = entry[len(variable):]
			break
		}
	}
	if dirs == "" {
		return nil, false
	}
	for start, i := 0, 0; i <= len(dirs); i++ {
		if i < len(dirs) && dirs[i] != ':' {
			continue
		}
		dir := dirs[start:i]
		start = i + 1
		if !clean(dir) {
			return nil, false
		}
		file := name // in the working directory
		switch dir {
		case "":
		case "/":
			file = "/" + name
		default:
			file = dir + "/" + name
		}
		files = append(files, file)
	}
	return files, true
}

// clean reports whether a path cannot be written shorter, see path.Clean. "" and "/" are.
func clean(dir string) bool {
	if dir == "" || dir == "/" {
		return true
	}
	start := 0
	if dir[0] == '/' {
		start = 1
	}
	for i := start; i <= len(dir); i++ {
		if i < len(dir) && dir[i] != '/' {
			continue
		}
		switch dir[start:i] {
		case "", ".", "..":
			return false
		}
		start = i + 1
	}
	return true
}

func begins(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func contains(s string, c byte) bool {
	for i := range len(s) {
		if s[i] == c {
			return true
		}
	}
	return false
}
