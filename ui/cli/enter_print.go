package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"nstui/nsenter"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// dryRun prints what would be done, and ends with status 1 if it could not be. in is the container the target
// is in, nil if that is none or not known.
func (a *app) dryRun(o *enterOptions, f *nsenter.Facts, in *container.Owner, p *nsenter.Plan) error {
	var out string
	var err error
	if o.json {
		out, err = planJSON(o, f, in, p)
	} else {
		out = planText(o, f, in, p)
	}
	if err == nil {
		err = a.print(out)
	}
	if err != nil {
		return fmt.Errorf("print the plan: %w", err)
	}
	if !p.Ready() {
		return &endError{End{Status: exitError}}
	}
	return nil
}

// stateWords are the states of a kind, as they are printed.
var stateWords = map[nsenter.State]string{
	nsenter.Shared:  "shared",
	nsenter.Off:     "off",
	nsenter.Enter:   "enter",
	nsenter.Added:   "added",
	nsenter.Refused: "refused",
	nsenter.Missing: "missing",
}

// rootWords are the root directories, as programs get them.
var rootWords = map[nsenter.Root]string{
	nsenter.RootHost:      "host",
	nsenter.RootNamespace: "namespace",
	nsenter.RootTarget:    "target",
	nsenter.RootSource:    "source",
	nsenter.RootGiven:     "given",
}

// rootWord returns the root directory, as programs get it.
func rootWord(p *nsenter.Plan) string {
	if p.Tree.At != "" { // it is mounted over the root the plan goes to
		return "tree"
	}
	return rootWords[p.Root]
}

// planText returns the plan for people, fit for a terminal.
func planText(o *enterOptions, f *nsenter.Facts, in *container.Owner, p *nsenter.Plan) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name, value)
		}
	}
	field("target", targetText(f))
	if in.Container() {
		field("container", strings.TrimSpace(text.Clean(sought.Name(in)+" "+in.Image)))
	}
	for _, k := range ns.Kinds() {
		field(k.String(), kindText(&p.Kinds[k]))
	}
	field("ids", idsText(o, &p.As))
	if len(o.program) > 0 {
		field("program", quoteAll(o.program))
	} else {
		for i, argv := range p.Shells {
			field([...]string{"shell", "or else"}[min(i, 1)], quoteAll(argv))
		}
	}
	if p.Root != nsenter.RootHost {
		field("root", text.Clean(rootText(f, p)))
	}
	field("directory", text.Clean(directoryOf(f, p)))
	for _, check := range p.Checks {
		field(check.Level.String(), text.Clean(check.Text))
	}
	field("same as", text.Clean(p.Command))
	return b.String()
}

func targetText(f *nsenter.Facts) string {
	if f.PID == 0 {
		return "no process"
	}
	return strconv.Itoa(f.PID) + " " + text.Clean(f.Comm)
}

// rootText returns which root directory the program gets.
func rootText(f *nsenter.Facts, p *nsenter.Plan) string {
	if p.Tree.At != "" {
		return "the host's tree, with the target's files in " + p.Tree.Target
	}
	switch p.Root {
	case nsenter.RootGiven:
		return f.GivenRoot
	case nsenter.RootTarget:
		return "that of the process"
	case nsenter.RootSource:
		return "that of the process the mount namespace is from"
	case nsenter.RootNamespace:
		return "that of the mount namespace"
	default:
		return "yours"
	}
}

// directoryOf returns the directory the program starts in: a path inside, or of one that is opened before;
// empty if it is the caller's.
func directoryOf(f *nsenter.Facts, p *nsenter.Plan) string {
	switch {
	case p.Dir != "":
		return p.Dir
	case p.GivenDir == nsenter.RootTarget:
		return fmt.Sprintf("/proc/%d/cwd", p.PID)
	case p.GivenDir == nsenter.RootGiven && f.GivenDir != stay:
		return f.GivenDir
	default:
		return ""
	}
}

// kindText returns what happens with one kind: "enter    4026532571, yours is 4026531840".
func kindText(k *nsenter.KindPlan) string {
	s := fmt.Sprintf("%-8s", stateWords[k.State])
	if k.Target != 0 {
		s += " " + strconv.FormatUint(k.Target, 10)
	}
	if k.Source != "" {
		s += " from " + text.Clean(k.Source)
	}
	if k.Target != 0 && k.Mine != 0 && k.Target != k.Mine {
		s += ", yours is " + strconv.FormatUint(k.Mine, 10)
	}
	if k.Reason != "" {
		s = strings.TrimSpace(s) + ": " + text.Clean(k.Reason)
	}
	return strings.TrimSpace(s)
}

// idsText returns as whom the program runs, as it is inside.
func idsText(o *enterOptions, id *nsenter.Identity) string {
	s := fmt.Sprintf("uid %d, gid %d", id.UID, id.GID)
	if id.Name != "" {
		s += ", " + text.Clean(id.Name)
	}
	if o.keep {
		s += ", kept as they are"
	}
	return s
}

// quoteAll returns an argument vector in one line, in which the words can be told apart.
func quoteAll(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`'"\`, r) }) {
			word = strconv.Quote(word)
		}
		words[i] = text.Clean(word)
	}
	return strings.Join(words, " ")
}

// planDocument is what --dry-run --json prints. Its fields are described in enterHelp: none is taken away
// or changed while Version stays, new ones may come.
type planDocument struct {
	Version     int                 `json:"version"`
	Ready       bool                `json:"ready"`
	Target      *targetDocument     `json:"target"`
	Kinds       []kindDocument      `json:"kinds"`
	Credentials credentialsDocument `json:"credentials"`
	Program     []string            `json:"program"`
	Shells      [][]string          `json:"shells"`
	Root        string              `json:"root"`
	Directory   string              `json:"directory"`
	Checks      []checkDocument     `json:"checks"`
	Command     string              `json:"command"`
}

type targetDocument struct {
	PID       int                `json:"pid"`
	Start     uint64             `json:"start"`
	Comm      string             `json:"comm"`
	UID       uint32             `json:"uid"`
	GID       uint32             `json:"gid"`
	Container *containerDocument `json:"container"`
}

type containerDocument struct {
	Name    string       `json:"name"`
	Runtime string       `json:"runtime"`
	ID      string       `json:"id"`
	Image   string       `json:"image"`
	Pod     *podDocument `json:"pod"`
}

type podDocument struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	UID       string `json:"uid"`
}

type kindDocument struct {
	Kind   string `json:"kind"`
	State  string `json:"state"`
	Target uint64 `json:"target"`
	Mine   uint64 `json:"mine"`
	Source string `json:"source"`
	Reason string `json:"reason"`
}

type credentialsDocument struct {
	UID  uint32 `json:"uid"`
	GID  uint32 `json:"gid"`
	Name string `json:"name"`
}

type checkDocument struct {
	Level string `json:"level"`
	Text  string `json:"text"`
}

// planVersion is the version of planDocument.
const planVersion = 1

// planJSON returns the plan for programs.
func planJSON(o *enterOptions, f *nsenter.Facts, in *container.Owner, p *nsenter.Plan) (string, error) {
	doc := planDocument{
		Version:     planVersion,
		Ready:       p.Ready(),
		Kinds:       []kindDocument{},
		Credentials: credentialsDocument{UID: p.As.UID, GID: p.As.GID, Name: p.As.Name},
		Program:     append([]string{}, o.program...),
		Shells:      [][]string{},
		Root:        rootWord(p),
		Directory:   directoryOf(f, p),
		Checks:      []checkDocument{},
		Command:     p.Command,
	}
	if f.PID != 0 {
		doc.Target = &targetDocument{PID: f.PID, Start: f.Start, Comm: f.Comm, UID: f.UID, GID: f.GID}
		if in.Container() {
			doc.Target.Container = &containerDocument{Name: boxName(nil, &container.Row{Owner: in}), Runtime: string(in.Runtime), ID: in.ID, Image: in.Image}
			if pod := in.Pod; pod != nil {
				doc.Target.Container.Pod = &podDocument{pod.Name, pod.Namespace, pod.UID}
			}
		}
	}
	for i := range p.Kinds {
		k := &p.Kinds[i]
		doc.Kinds = append(doc.Kinds, kindDocument{
			Kind: k.Kind.String(), State: stateWords[k.State], Target: k.Target, Mine: k.Mine, Source: k.Source, Reason: k.Reason,
		})
	}
	if len(o.program) == 0 {
		doc.Shells = append(doc.Shells, p.Shells...)
	}
	for _, check := range p.Checks {
		doc.Checks = append(doc.Checks, checkDocument{Level: check.Level.String(), Text: check.Text})
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return "", fmt.Errorf("encode the plan: %w", err)
	}
	return escapeInvisible(b.String()), nil
}

// escapeInvisible writes what a terminal would act on, or not show, as the escapes JSON has for it. The
// text a program decodes stays the same. Outside strings there is no such character but the newline.
func escapeInvisible(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			// JSON has escapes of 16 bits only.
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
