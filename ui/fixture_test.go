package ui

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/term"
	"nstui/ui/theme"
)

var update = flag.Bool("update", false, "write the golden screens again")

// noon is when all of these tests take place.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// fakeLive gives the snapshots of a test, the last one for ever.
type fakeLive struct {
	snaps       []*procscan.Snapshot
	parts       []*procscan.Snapshot // shown before the first
	during      func()               // called after each
	err         error
	done, total int
	status      procscan.Status
	deepened    []float64 // the shares of the passes
	looked      [][]procscan.ProcID
}

func (f *fakeLive) Refresh(_ context.Context, show func(*procscan.Snapshot)) (*procscan.Snapshot, error) {
	for _, part := range f.parts {
		show(part)
		if f.during != nil {
			f.during()
		}
	}
	f.parts = nil
	if f.err != nil {
		return nil, f.err
	}
	s := f.snaps[0]
	if len(f.snaps) > 1 {
		f.snaps = f.snaps[1:]
	}
	return s, nil
}

func (f *fakeLive) Deepen(_ context.Context, share float64) error {
	f.deepened = append(f.deepened, share)
	return nil
}

func (f *fakeLive) Look(ids []procscan.ProcID) { f.looked = append(f.looked, ids) }

func (f *fakeLive) Status() procscan.Status { return f.status }

func (f *fakeLive) Progress() (done, total int) { return f.done, f.total }

func (f *fakeLive) Inspect(_ context.Context, id procscan.ProcID) (procscan.Detail, error) {
	return procscan.Detail{ID: id, Root: "/", RootFS: "overlay", Cwd: "/srv", Exe: "/usr/sbin/x", Threads: 1, UIDMap: "0 0 4294967295"}, nil
}

var hostNS = ns.Tuple{4026531835, 4026531839, 4026531841, 4026531840, 4026531836, 4026531834, 4026531837, 4026531838}

// inContainer returns our namespaces but for the kinds given, which get numbers from base on.
func inContainer(base uint64, kinds ns.Set) ns.Tuple {
	t := hostNS
	for _, k := range kinds.Kinds() {
		t[k] = base + uint64(k)
	}
	return t
}

// fixture is a list of processes a snapshot is made of.
//
//nolint:recvcheck // it grows by its pointer and is read by value, as any slice
type fixture []procscan.Process

func (f *fixture) add(pid, ppid int, uid uint32, in ns.Tuple, cgroup string, args ...string) *procscan.Process {
	comm, _, _ := strings.Cut(filepath.Base(args[0]), " ")
	comm = strings.TrimSuffix(comm, ":")
	*f = append(*f, procscan.Process{
		PID: pid, PPID: ppid, Start: uint64(pid * 100), UID: uid, State: 'S', Comm: comm[:min(len(comm), 15)],
		Args: args, Cgroup: cgroup, NS: in, NSpid: []int{pid},
	})
	return &(*f)[len(*f)-1]
}

// host is a small host with a container, a sandbox and a visitor.
func host() fixture {
	var f fixture
	f.add(1, 0, 0, hostNS, "init.scope", "/sbin/init")
	kthread := f.add(2, 0, 0, hostNS, "", "kthreadd")
	kthread.Kernel, kthread.Args = true, nil
	f.add(612, 1, 0, hostNS, "system.slice/sshd.service", "/usr/sbin/sshd", "-D")
	f.add(8120, 612, 1000, hostNS, "user.slice/session-3.scope", "zsh")
	web := inContainer(4026532560, ns.SetOf(ns.Cgroup, ns.IPC, ns.Mnt, ns.Net, ns.PID, ns.UTS))
	f.add(4160, 1, 0, hostNS, "system.slice/containerd.service", "containerd-shim")
	p := f.add(4183, 4160, 0, web, "docker/9f2c61d0a7b3", "nginx: master process nginx -g daemon off;")
	p.NSpid = []int{4183, 1}
	for i := range 4 {
		w := f.add(4231+i, 4183, 101, web, "docker/9f2c61d0a7b3", "nginx: worker process")
		w.NSpid = []int{4231 + i, 29 + i}
	}
	f.add(9120, 8120, 0, inContainer(4026532560, ns.SetOf(ns.Net)), "user.slice/session-3.scope", "tcpdump", "-ni", "eth0")
	box := inContainer(4026532760, ns.SetOf(ns.Mnt, ns.Net, ns.User))
	f.add(7001, 8120, 1000, box, "user.slice/app-firefox.scope", "firefox", "--sandbox")
	z := f.add(9300, 7001, 1000, ns.Tuple{ns.PID: hostNS[ns.PID], ns.User: box[ns.User]}, "user.slice/app-firefox.scope", "helper")
	z.State, z.Args = 'Z', nil
	return f
}

// snapshot makes a snapshot of processes as a scan would.
func (f fixture) snapshot() *procscan.Snapshot {
	procs := make([]*procscan.Process, len(f))
	for i, p := range f {
		p.Texts = true
		procs[i] = &p
	}
	slices.SortFunc(procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	s := &procscan.Snapshot{
		Root: "/proc", At: noon, Took: 20 * time.Millisecond, Boot: noon.Add(-100 * time.Hour),
		Mine: hostNS, Self: procscan.ProcID{PID: 9999, Start: 1}, Procs: procs, Unreadable: map[procscan.Reason]int{},
	}
	for i := range procs {
		if r := procs[i].Refused; r != "" {
			s.Refused = append(s.Refused, i)
			s.Unreadable[r]++
		}
	}
	for _, kind := range ns.Kinds() {
		members := map[uint64][]int{}
		for i := range procs {
			if ino := procs[i].NS[kind]; ino != 0 {
				members[ino] = append(members[ino], i)
			}
		}
		for ino, m := range members {
			uid := uint32(0)
			if procs[m[0]].UID == 1000 {
				uid = 1000
			}
			s.Namespaces[kind] = append(s.Namespaces[kind], procscan.Namespace{
				ID: ns.ID{Kind: kind, Ino: ino}, Members: m, Leader: m[0], OwnerUID: uid, OwnerKnown: kind != ns.Time,
			})
		}
		slices.SortFunc(s.Namespaces[kind], func(a, b procscan.Namespace) int { return compareIDs(a.ID, b.ID) })
	}
	return s
}

// keep adds a namespace to a snapshot that no process is in, or keepers to one.
func keep(s *procscan.Snapshot, n procscan.Namespace) *procscan.Snapshot {
	list := s.Namespaces[n.ID.Kind]
	n.Leader = -1
	i, ok := slices.BinarySearchFunc(list, n.ID, func(a procscan.Namespace, id ns.ID) int { return compareIDs(a.ID, id) })
	if ok {
		list[i].Keepers = append(list[i].Keepers, n.Keepers...)
		return s
	}
	s.Namespaces[n.ID.Kind] = slices.Insert(list, i, n)
	return s
}

// nested is the host with pid and user namespaces below one another, and their owners.
func nested() *procscan.Snapshot {
	s := kept()
	user := func(ino uint64) ns.ID { return ns.ID{Kind: ns.User, Ino: ino} }
	top := hostNS[ns.User]
	keep(s, procscan.Namespace{ID: user(4026532801), Parent: 4026532920, Owner: 4026532920, Level: 2, OwnerUID: 1000, OwnerKnown: true})
	keep(s, procscan.Namespace{ID: user(4026532802), Parent: 4026532801, Owner: 4026532801, Level: 3, OwnerUID: 1000, OwnerKnown: true})
	keep(s, procscan.Namespace{ID: ns.ID{Kind: ns.Net, Ino: 4026532803}, Owner: 4026532802, OwnerUID: 1000, OwnerKnown: true})
	for kind := range s.Namespaces {
		for i := range s.Namespaces[kind] {
			n := &s.Namespaces[kind][i]
			if n.Owner == 0 && n.ID.Ino != top {
				n.Owner = top
			}
			if ns.Kind(kind) == ns.User && n.Parent == 0 {
				n.Parent = n.Owner
			}
			if ns.Kind(kind) == ns.PID && n.Parent == 0 && n.ID.Ino != hostNS[ns.PID] {
				n.Parent, n.Level = hostNS[ns.PID], 1
			}
		}
	}
	return s
}

// kept is the host with namespaces that no process is in, each kept alive by something else.
func kept() *procscan.Snapshot {
	s := host().snapshot()
	nginx, zsh := procscan.ProcID{PID: 4183, Start: 418300}, procscan.ProcID{PID: 8120, Start: 812000}
	web := s.Find(nginx).NS
	for i, k := range []procscan.Keeper{
		{By: procscan.ByMount, Path: "/run/netns/blue", Where: hostNS.ID(ns.Mnt)},
		{By: procscan.ByFile, Proc: nginx, Number: 7},
		{By: procscan.BySocket, Proc: nginx, Number: 9},
		{By: procscan.ByThread, Proc: nginx, Number: 4190},
		{By: procscan.ByMount, Proc: nginx, Path: "/run/netns/inside", Where: web.ID(ns.Mnt)},
	} {
		id := ns.ID{Kind: ns.Net, Ino: uint64(4026532900 + i)}
		keep(s, procscan.Namespace{
			ID: id, OwnerKnown: true, Owner: hostNS[ns.User], Keepers: []procscan.Keeper{k},
			NETNSID: i - 1, NETNSIDKnown: true, Unique: uint64(4100 + i),
		})
	}
	pid := func(ino uint64) ns.ID { return ns.ID{Kind: ns.PID, Ino: ino} }
	keep(s, procscan.Namespace{ID: pid(4026532911), Parent: hostNS[ns.PID], Level: 1, Keepers: []procscan.Keeper{
		{By: procscan.ByChild, Where: pid(4026532912)},
	}})
	keep(s, procscan.Namespace{ID: pid(4026532912), Parent: 4026532911, Level: 2, Keepers: []procscan.Keeper{{By: procscan.ByNext, Proc: zsh}}})
	keep(s, procscan.Namespace{ID: ns.ID{Kind: ns.User, Ino: 4026532920}, Parent: hostNS[ns.User], Owner: hostNS[ns.User], Level: 1, OwnerUID: 1000, OwnerKnown: true, Keepers: []procscan.Keeper{
		{By: procscan.ByOwned, Where: ns.ID{Kind: ns.Net, Ino: 4026532900}},
	}})
	keep(s, procscan.Namespace{ID: ns.ID{Kind: ns.IPC, Ino: 4026532930}})
	keep(s, procscan.Namespace{ID: web.ID(ns.Net), Keepers: []procscan.Keeper{{By: procscan.ByMount, Path: "/run/docker/netns/9f2c61d0a7b3", Where: hostNS.ID(ns.Mnt)}}})
	s.Read = procscan.Everything
	return s
}

// screen is a model under test with what the terminal around it would do.
type screen struct {
	t         testing.TB
	m         *Model
	clipboard string
	raw       string // written to the terminal past the screen
	quit      bool
}

// nobody cannot enter anything: the processes of these tests do not exist.
type nobody struct{}

var errNobody = errors.New("not a real process")

func (nobody) Pin(nsenter.Ref) (Target, error) { return nil, errNobody }

func testConfig(snaps ...*procscan.Snapshot) Config {
	kind := ns.Net
	return Config{
		Live: &fakeLive{snaps: snaps}, Kind: &kind, Prefix: "ctrl+]", Interval: 2 * time.Second, Theme: theme.Dark,
		Enter: nobody{},
		Host:  "build-07", Kernel: "6.12.8", Version: "test",
		Users: func(uid uint32) string {
			if name, ok := map[uint32]string{0: "root", 1000: "ana"}[uid]; ok {
				return name
			}
			return strconv.FormatUint(uint64(uid), 10)
		},
	}
}

// start returns a model that has had its first scan.
func start(tb testing.TB, width, height int, c Config) *screen {
	tb.Helper()
	return startIn(tb, "xterm-256color", "", width, height, c)
}

// startIn is start with TERM and NO_COLOR.
func startIn(tb testing.TB, term, noColor string, width, height int, c Config) *screen {
	tb.Helper()
	tb.Setenv("NO_COLOR", noColor)
	tb.Setenv("TERM", term)
	m := newModel(tb.Context(), c)
	m.now = func() time.Time { return noon }
	m.after = func(time.Duration, tea.Msg) tea.Cmd { return nil }
	s := &screen{t: tb, m: m}
	m.send = s.send
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.do(m.Init())
	return s
}

// send gives the model a message and does what it asks for.
func (s *screen) send(msg tea.Msg) {
	s.t.Helper()
	_, cmd := s.m.Update(msg)
	s.do(cmd)
}

// do runs a command and all that come of it. No clock runs: a test sends their messages.
func (s *screen) do(cmd tea.Cmd) {
	s.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.do(cmd)
		}
	case tea.QuitMsg:
		s.quit = true
	case tea.RawMsg:
		s.raw += fmt.Sprint(msg.Msg)
	default:
		if text, ok := strings.CutPrefix(fmt.Sprintf("%T", msg), "tea.setClipboardMsg"); ok && text == "" {
			s.clipboard = fmt.Sprint(msg)
			return
		}
		s.send(msg)
	}
}

// scan lets the pause be over.
func (s *screen) scan() {
	s.t.Helper()
	s.send(pausedMsg{s.m.live.era})
}

// press presses keys: names as in the table of actions, or text.
func (s *screen) press(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		s.send(keyOf(k))
	}
}

// typeText presses the keys of a text.
func (s *screen) typeText(text string) {
	s.t.Helper()
	for _, r := range text {
		s.send(keyOf(string(r)))
	}
}

var specialKeys = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "backspace": {Code: tea.KeyBackspace},
	"space": {Code: tea.KeySpace, Text: " "}, " ": {Code: tea.KeySpace, Text: " "}, "f1": {Code: tea.KeyF1},
}

func keyOf(name string) tea.KeyPressMsg {
	if k, ok := specialKeys[name]; ok {
		return k
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(c)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// lines returns the screen as the cells a terminal shows.
func (s *screen) lines() []string {
	s.t.Helper()
	content := s.m.View().Content
	w, h := s.m.width, s.m.height
	for i, row := range strings.Split(content, "\n") {
		if g, wc := ansi.StringWidth(row), ansi.StringWidthWc(row); g != w || wc != w {
			s.t.Fatalf("line %d is %d cells by graphemes and %d by wcwidth, not %d: %q", i, g, wc, w, row)
		}
	}
	if n := strings.Count(content, "\n") + 1; n != h {
		s.t.Fatalf("%d lines on a screen of %d", n, h)
	}
	vt := term.New(term.Size{W: w, H: h}, term.Options{})
	if _, err := vt.Write([]byte("\x1b[?7l" + strings.ReplaceAll(content, "\n", "\r\n"))); err != nil {
		s.t.Fatal(err)
	}
	out := make([]string, h)
	for y := range out {
		out[y] = strings.TrimRight(vt.Text(y), " ")
	}
	return out
}

func (s *screen) text() string { return strings.Join(s.lines(), "\n") }

// has fails the test if the screen does not show all of the texts.
func (s *screen) has(wants ...string) {
	s.t.Helper()
	shown := s.text()
	for _, want := range wants {
		if !strings.Contains(shown, want) {
			s.t.Fatalf("the screen does not show %q:\n%s", want, shown)
		}
	}
}

// hasNot fails the test if the screen shows one of the texts.
func (s *screen) hasNot(wants ...string) {
	s.t.Helper()
	shown := s.text()
	for _, want := range wants {
		if strings.Contains(shown, want) {
			s.t.Fatalf("the screen shows %q:\n%s", want, shown)
		}
	}
}

// golden compares the screen with the one kept in testdata.
func (s *screen) golden(name string) {
	s.t.Helper()
	path := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, s.m.width, s.m.height))
	got := s.text() + "\n"
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if got != string(want) {
		s.t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
