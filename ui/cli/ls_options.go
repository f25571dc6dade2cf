package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// treeKind says by what the lines of nstui ls are put below each other.
type treeKind uint8

const (
	treeNone treeKind = iota
	treeParent
	treeOwner
	treeProcess
)

// lsOptions is what the words behind nstui ls say, each checked by itself.
type lsOptions struct {
	json, raw, noHeadings   bool
	noTruncate, noWrap      bool
	list, persistent        bool
	listColumns, allColumns bool

	columns   []int // indices into the table
	pid       int   // 0: of all processes
	kinds     ns.Set
	filter    string
	filtered  bool
	tree      treeKind
	namespace uint64 // inode number of the one to list the processes of; 0: none
	word      string // whose processes to list, such as unit:docker.service; empty: nobody's
	root      string
	watch     bool
	// containers lists these, and not namespaces.
	containers bool
	interval   time.Duration

	output string // as it was written
	given  map[string]bool
}

// exclusive are options that exclude each other: lsns(8) has the first three.
var exclusive = [][2]string{
	{"json", "raw"},
	{"persistent", "task"},
	{"list", "tree"},
	{"watch", "tree"},
	{"watch", "list"},
	{"watch", "persistent"},
	{"watch", "raw"},
	{"watch", "output-all"},
	{"containers", "task"},
	{"containers", "type"},
	{"containers", "persistent"},
	{"containers", "tree"},
}

// readLsOptions reads the command line of nstui ls.
func readLsOptions(args []string) (*lsOptions, error) {
	o := lsOptions{root: procscan.DefaultRoot, given: make(map[string]bool), interval: time.Second}
	words, err := getoptAnywhere(o.options(), args)
	if err != nil {
		return nil, err
	}
	if o.containers && o.watch {
		return nil, errors.New("--containers and --watch exclude each other: ls --watch -o +CONTAINER names the container of each change")
	}
	for _, pair := range exclusive {
		if o.given[pair[0]] && o.given[pair[1]] {
			return nil, fmt.Errorf("--%s and --%s exclude each other", pair[0], pair[1])
		}
	}
	if len(words) > 0 {
		if err := o.setOperand(words); err != nil {
			return nil, err
		}
	}
	if o.kinds == 0 {
		o.kinds = ns.All
	}
	o.chooseDefaults()
	if o.given["output"] {
		if err := o.addOutput(); err != nil {
			return nil, err
		}
	}
	return &o, nil
}

// setOperand reads what is no option: the namespace whose processes are listed, or a name of who has them, which
// says by its prefix what it is, as behind nstui enter -t.
func (o *lsOptions) setOperand(words []string) error {
	what := "a namespace"
	if prefix, _ := container.Split(words[0]); prefix != "" {
		what, o.word = "a name", words[0]
	} else if ino, err := strconv.ParseUint(words[0], 10, 64); err == nil && ino != 0 {
		o.namespace = ino
	} else {
		return fmt.Errorf("invalid namespace %q: want its inode number%s", words[0], meantBy(words[0]))
	}
	switch {
	case len(words) > 1:
		return fmt.Errorf("want one namespace, not %q too", words[1])
	case o.word != "" && o.given["type"]:
		return errors.New("--type and a name exclude each other")
	case o.word != "" && o.given["persistent"]:
		return errors.New("--persistent and a name exclude each other")
	case o.word != "" && (o.tree == treeOwner || o.tree == treeParent):
		return errors.New("a tree of namespaces and a name exclude each other")
	case o.pid != 0:
		return fmt.Errorf("--task and %s exclude each other", what)
	case o.containers:
		return fmt.Errorf("--containers and %s exclude each other", what)
	case o.watch:
		return fmt.Errorf("--watch and %s exclude each other", what)
	}
	return nil
}

// ofProcesses reports whether processes are listed rather than namespaces or containers.
func (o *lsOptions) ofProcesses() bool { return o.namespace != 0 || o.word != "" }

// meantBy says what option stands for a word that is no namespace, if it is known.
func meantBy(word string) string {
	word = strings.ToLower(word)
	if kind, ok := ns.ParseKind(word); ok {
		return "; did you mean --type " + kind.String() + "?"
	}
	if slices.Contains([]string{"container", "containers", "pod", "pods"}, word) {
		return "; did you mean --containers?"
	}
	if !typable(word) || strings.ContainsAny(word, ":/") {
		return ""
	}
	return "; did you mean " + container.UnitPrefix + word + " or " + container.ContainerPrefix + word + "?"
}

// addOutput takes over the columns of --output. A watch has its own, and those of names besides, each once.
func (o *lsOptions) addOutput() (err error) {
	had := len(o.columns)
	if o.columns, err = o.table().add(o.columns, o.output); err != nil || !o.watch {
		return err
	}
	if !strings.HasPrefix(o.output, "+") || slices.ContainsFunc(o.columns, func(c int) bool { return !lsColumns[c].names() }) {
		return fmt.Errorf("with --watch, --output adds columns of names, such as +CONTAINER,UNIT; it cannot be %q", o.output)
	}
	added := slices.Clone(o.columns[had:])
	o.columns = o.columns[:had]
	for _, c := range added {
		if !slices.Contains(o.columns, c) {
			o.columns = append(o.columns, c)
		}
	}
	return nil
}

// watchNames are the columns of names that a watch has in JSON if none are named.
var watchNames = []string{"CONTAINER", "UNIT"}

// chooseDefaults sets the columns and the tree as lsns(8) does: a tree of processes unless something
// else is asked for, even if other columns are.
func (o *lsOptions) chooseDefaults() {
	if o.containers {
		o.list = true
	}
	if !o.allColumns || o.ofProcesses() {
		if o.tree == treeNone && !o.list {
			o.tree = treeProcess
		}
	}
	switch {
	case o.watch:
		o.columns = nil
		for _, name := range watchNames {
			if column, ok := lsColumns.find(name); ok && o.json {
				o.columns = append(o.columns, column)
			}
		}
	case o.allColumns:
		o.columns = make([]int, len(o.table()))
		for i := range o.columns {
			o.columns[i] = i
		}
	case o.containers:
		o.columns = boxDefaults
	case o.ofProcesses():
		o.columns = []int{colPID, colPPID, colUser, colCommand}
	case o.given["type"] && o.kinds.Has(ns.Net):
		o.columns = []int{colNS, colType, colNprocs, colPID, colUser, colNetNSID, colNSFS, colCommand}
	default:
		o.columns = []int{colNS, colType, colNprocs, colPID, colUser, colCommand}
	}
}

// lister returns the options that list the columns.
func (t columnTable) lister() string {
	if _, ok := t.find("SHARES"); ok {
		return "--containers -H"
	}
	return "-H"
}

// add returns the columns of a list of names, behind those there are if it begins with a +.
func (t columnTable) add(columns []int, list string) ([]int, error) {
	names, more := strings.CutPrefix(list, "+")
	if !more {
		columns = nil
	}
	for name := range strings.SplitSeq(names, ",") {
		column, ok := t.find(name)
		if !ok {
			return nil, fmt.Errorf("unknown column %q: nstui ls %s lists them", name, t.lister())
		}
		columns = append(columns, column)
	}
	if most := 2 * len(t); len(columns) > most {
		return nil, fmt.Errorf("want at most %d columns, not %d", most, len(columns))
	}
	return columns, nil
}

// options returns the options of lsns(8) of util-linux 2.42, and our own, which are marked as newer.
func (o *lsOptions) options() []option {
	set := func(name string, f *bool) func(argument) error {
		return func(argument) error {
			*f, o.given[name] = true, true
			return nil
		}
	}
	with := func(name string, read func(string) error) func(argument) error {
		return func(a argument) error {
			o.given[name] = true
			return read(a.text)
		}
	}
	return []option{
		{short: 'J', long: "json", set: set("json", &o.json)},
		{short: 'l', long: "list", set: set("list", &o.list)},
		{short: 'n', long: "noheadings", set: set("noheadings", &o.noHeadings)},
		{short: 'o', long: "output", takes: takesValue, set: with("output", o.setOutput)},
		{long: "output-all", set: set("output-all", &o.allColumns)},
		{short: 'P', long: "persistent", set: set("persistent", &o.persistent)},
		{short: 'p', long: "task", takes: takesValue, set: with("task", o.setPID)},
		{short: 'Q', long: "filter", takes: takesValue, set: with("filter", o.setFilter)},
		{short: 'r', long: "raw", set: set("raw", &o.raw)},
		{short: 'u', long: "notruncate", set: set("notruncate", &o.noTruncate)},
		{short: 'W', long: "nowrap", set: set("nowrap", &o.noWrap)},
		{short: 't', long: "type", takes: takesValue, set: with("type", o.setType)},
		{short: 'T', long: "tree", takes: takesGlued, set: o.setTree},
		{short: 'H', long: "list-columns", newer: true, set: set("list-columns", &o.listColumns)},
		{short: 'h', long: "help", set: stop(errHelp)},
		{short: 'V', long: "version", set: stop(errVersion)},

		{long: "watch", takes: takesGlued, newer: true, set: o.setWatch},
		{long: "containers", newer: true, set: set("containers", &o.containers)},
		{long: "proc", takes: takesValue, newer: true, set: with("proc", o.setRoot)},
	}
}

func (o *lsOptions) setOutput(list string) error {
	o.output = list
	return nil
}

func (o *lsOptions) setPID(s string) error {
	var pid pidFlag
	if err := pid.Set(s); err != nil {
		return fmt.Errorf("invalid value %q of --task: %w", s, err)
	}
	o.pid = int(pid)
	return nil
}

func (o *lsOptions) setFilter(s string) error {
	o.filter, o.filtered = s, true
	return nil
}

func (o *lsOptions) setType(s string) error {
	kind, ok := ns.ParseKind(s)
	if !ok {
		return fmt.Errorf("invalid value %q of --type: want one of %s", s, kindNames(", "))
	}
	o.kinds = o.kinds.With(kind)
	return nil
}

func (o *lsOptions) setRoot(s string) error {
	if s == "" {
		return errors.New("the path of --proc is empty")
	}
	o.root = s
	return nil
}

// setTree reads what is glued to -T, with or without a '='.
func (o *lsOptions) setTree(a argument) error {
	o.given["tree"] = true
	switch strings.TrimPrefix(a.text, "=") {
	case "owner":
		o.tree = treeOwner
	case "parent":
		o.tree = treeParent
	case "process":
		o.tree = treeProcess
	case "":
		if !a.given {
			o.tree = treeOwner
			return nil
		}
		fallthrough
	default:
		return fmt.Errorf("invalid value %q of --tree: want owner, parent or process", a.text)
	}
	return nil
}

func (o *lsOptions) setWatch(a argument) error {
	o.watch, o.given["watch"] = true, true
	if !a.given {
		return nil
	}
	var interval intervalFlag
	if err := interval.Set(a.text); err != nil {
		return fmt.Errorf("invalid value %q of --watch: %w", a.text, err)
	}
	o.interval = time.Duration(interval)
	return nil
}
