package nsenter

import (
	"fmt"
	"path"

	"nstui/procscan/ns"
)

// check writes the preflight.
func (p *Plan) check(f *Facts, r Request, refused map[ns.Kind]string) {
	p.checkRefused(refused)
	unknown := f.unknown() == f.present()
	switch {
	case p.Join == 0 && unknown && f.PID != 0:
		p.add(Fail, "its namespaces: %s", f.refusal(f.authority(), ns.Net))
	case p.Join == 0 && p.InRoot():
		p.add(Warn, "nothing to enter but the root directory")
	case p.Join == 0:
		p.add(Warn, "nothing to enter: the shell runs in your own namespaces")
	case len(refused) == 0 && p.Join.Has(ns.User):
		p.add(OK, "all capabilities in user namespace %d once it is entered", f.Kinds[ns.User].Target)
	case len(refused) == 0:
		p.add(OK, "CAP_SYS_ADMIN over the target's namespaces")
	}
	if p.Kinds[ns.User].State == Added {
		p.add(Note, "user is entered too: without it you may not enter the others")
	}
	p.checkPlace(f)
	p.checkIdentity(f, r)
	p.checkConfined(f, r)
	if r.Tools == ToolsTree {
		p.checkTree(f)
	}
	p.checkShell(f, r)
	if p.Join.Has(ns.Mnt) {
		p.checkMount(f)
	}
	if !p.InRoot() {
		p.checkHostTools(f)
	}
}

// checkMount says what is odd in there when the target's files are entered.
func (p *Plan) checkMount(f *Facts) {
	if !p.Join.Has(ns.PID) && f.Differing().Has(ns.PID) {
		p.add(Warn, "mnt without pid: the /proc in there does not know the shell, ps and top fail")
	}
	if f.ChildrenPID != 0 {
		p.add(Warn, "its children are in another pid namespace, %d, and so is the /proc in there: ps fails; pick one of them", f.ChildrenPID)
	}
	if f.Differing().Has(ns.User) && !p.Join.Has(ns.User) {
		p.add(Warn, "mnt without user: its files belong to ids of another user namespace")
	}
	if !p.Join.Has(ns.User) && f.Caller.UID == 0 && p.As.OutUID == 0 && !p.Confined {
		outside := ", outside the limits of its cgroup"
		if len(p.Cgroups) > 0 {
			outside = ", in its cgroup"
		}
		p.add(Note, "runs as root of the host: with all your capabilities%s", outside)
	}
}

// checkHostTools says what is odd when the caller's files stay.
func (p *Plan) checkHostTools(f *Facts) {
	p.checkExposed(f)
	if p.Join.Has(ns.PID) && p.hostFiles(f) && !p.View.Proc {
		p.add(Warn, "pid without mnt: /proc stays yours, ps and top fail or show your processes")
	}
	switch {
	case p.View.Any():
		p.add(Note, "host tools with the target's %s, mounted for the shell alone", p.View.String())
	case p.Join == ns.SetOf(ns.Net) && f.Differing().Has(ns.Mnt):
		p.add(Note, "host tools: /etc/resolv.conf and /sys stay the host's")
	}
}

// checkExposed says what the target can reach through the shell: who may trace a process has its root
// directory, too, in /proc.
func (p *Plan) checkExposed(f *Facts) {
	switch {
	case !p.hostFiles(f) || !p.visible(f):
	case p.Confined:
		// With no capability more than the target has, the shell may be traced by it; its root is ours.
		p.add(Fail, "as confined as the target, seen by it and with your files: root in there could write to them "+
			"through the shell's /proc entry; enter mnt and pid too, or be not confined")
	case p.Join.Has(ns.User):
		p.add(Warn, "with your files, and seen by the target: root in there can reach them through the shell's /proc entry")
	case p.As.SetUID && p.As.UID != 0:
		p.add(Warn, "with your files, and seen by the target: its own user can reach them through the shell's /proc entry, as far as uid %d may", p.As.UID)
	case p.Join.Has(ns.PID) && f.Caller.UID == 0:
		p.add(Note, "stay root in there: a program that becomes another user opens your files to root of the target")
	}
}

// checkPlace checks the directories and the pid namespace.
func (p *Plan) checkPlace(f *Facts) {
	if p.Join.Has(ns.PID) && f.InitDead && !p.NoFork {
		p.add(Fail, "pid: the init process of this pid namespace has ended, nothing can start in it any more")
	}
	if p.Root == RootTarget && f.RootErr != nil && !p.Join.Has(ns.Mnt) { // with mnt, that refuses it
		p.add(Fail, "its root directory cannot be opened: %v", f.RootErr)
	}
	if p.GivenDir == RootTarget && f.DirErr != nil {
		p.add(Fail, "its working directory cannot be opened: %v", f.DirErr)
	}
}

// checkIdentity says what becomes of the ids that were asked for.
func (p *Plan) checkIdentity(f *Facts, r Request) {
	user := p.Join.Has(ns.User)
	for _, id := range []struct {
		asked ID
		n     uint32
		m     IDMap
		name  string
	}{{r.UID, p.As.UID, f.UIDMap, "uid"}, {r.GID, p.As.GID, f.GIDMap, "gid"}} {
		if _, mapped := id.m.Out(id.n); id.asked.Set && user && f.Mapped && !mapped {
			p.add(Fail, "%s %d is not mapped in user namespace %d", id.name, id.n, f.Kinds[ns.User].Target)
		}
	}
	switch {
	case !p.As.Keep() || !user:
	case r.As == AsAuto:
		p.add(Warn, "neither root nor the target's own uid is mapped in there: the shell keeps yours")
	case r.As == AsRoot:
		p.add(Warn, "root is not mapped in there: the shell keeps your uid")
	case r.As == AsTarget:
		p.add(Warn, "the target's own uid is not mapped in there: the shell keeps yours")
	}
}

// checkRefused adds one line for all kinds that are refused for the same reason.
func (p *Plan) checkRefused(refused map[ns.Kind]string) {
	var said ns.Set
	for _, k := range ns.Kinds() {
		if _, no := refused[k]; !no || said.Has(k) {
			continue
		}
		var same ns.Set
		for other, why := range refused {
			if why == refused[k] {
				same = same.With(other)
			}
		}
		said |= same
		p.add(Fail, "%s: %s", same, refused[k])
	}
}

func (p *Plan) checkShell(f *Facts, r Request) {
	if !f.Explored {
		return
	}
	where, without := "on the host", "leave mnt out"
	if p.InRoot() {
		where = "in the target's root directory"
	}
	if p.Join.Has(ns.PID) && p.Join.Has(ns.User) {
		without = "leave mnt and pid out"
	}
	switch {
	case p.Program:
		return
	case p.Busybox && f.Outside.Busybox == "":
		p.add(Fail, "no statically linked busybox on the host: install busybox-static")
	case p.Busybox:
		p.add(OK, "%s of the host runs in the target's root directory: nothing is written there", f.Outside.Busybox)
	case r.Shell != "" && len(p.Shells) > 0 && !path.IsAbs(p.Shells[0][0]):
		p.add(Fail, "%s is not an absolute path", p.Shells[0][0])
	case r.ShellMissing && r.Shell != "" && len(p.Shells) > 0:
		p.add(Fail, "%s cannot be executed %s: it is no executable file, or what it needs is missing", p.Shells[0][0], where)
	case p.InRoot() && f.Inside.Hung:
		p.add(Fail, "the target's root directory does not answer: %s to use the host's", without)
	case len(p.Shells) > 0:
		if p.InRoot() && !f.Inside.Known && r.Shell == "" {
			p.add(Note, "which shell there is %s shows when it is entered", where)
			return
		}
		p.add(OK, "%s exists %s", p.Shells[0][0], where)
	case p.Join.Has(ns.Mnt):
		for _, b := range f.Inside.Broken {
			p.add(Warn, "%s is there, but %s", b.Path, b.Why)
		}
		p.add(Fail, "no shell %s: use the host's tools, or its busybox; or choose a program, or %s", where, without)
	default:
		p.add(Fail, "no shell %s", where)
	}
}

func (p *Plan) add(level Level, format string, args ...any) {
	p.Checks = append(p.Checks, Check{Level: level, Text: fmt.Sprintf(format, args...)})
}
