package nsenter

import (
	"strings"

	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
	"nstui/procscan/ns"
)

// View is what is put around tools of the host so that they see the target and not the host. All of it is
// mounted in a mount namespace of the shell's own: nobody else sees it, and it goes away with the shell.
type View struct {
	Files []File // bound over the host's
	Sys   bool   // a /sys of the network namespace
	Proc  bool   // a /proc of the pid namespace
}

// File is a file of the target's, by its path there.
type File struct {
	Path string
	Data string
}

// viewFiles are the files that follow the mount namespace though they are about the network.
var viewFiles = []string{"/etc/resolv.conf", "/etc/hosts", "/etc/hostname"}

// maxViewFile bounds what is taken of one file, in bytes.
const maxViewFile = 64 << 10

// Any reports whether there is something to mount.
func (v *View) Any() bool { return v.Sys || v.Proc || len(v.Files) > 0 }

// String says what is mounted: "/sys, resolv.conf and hosts".
func (v *View) String() string {
	var names []string
	if v.Proc {
		names = append(names, "/proc")
	}
	if v.Sys {
		names = append(names, "/sys")
	}
	for _, f := range v.Files {
		names = append(names, strings.TrimPrefix(f.Path, "/etc/"))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// view chooses what is mounted: for whoever may mount, where the mount namespace stays the caller's and is
// not the target's. For nsenter's command line only if it is asked for.
func (p *Plan) view(f *Facts, r Request) View {
	var v View
	switch {
	case p.Tree.At != "":
	case p.Join == 0 || p.Join.Has(ns.Mnt) || p.InRoot() || r.Tools == ToolsBare || r.Plain && r.Tools != ToolsHost:
		return v
	case !f.Differing().Has(ns.Mnt) && f.Kinds[ns.Net].Source == "":
		return v
	}
	if !p.Join.Has(ns.User) && !f.authority().has(unix.CAP_SYS_ADMIN, f.Caller.UserNS) {
		return v
	}
	v.Proc = p.Join.Has(ns.PID) && !p.NoFork
	if p.Join.Has(ns.Net) {
		v.Sys = true
		v.Files = f.NetFiles
	}
	return v
}

// viewOps mounts the view. What does not work is told and left out, but nothing is mounted before the
// mount namespace is one of our own, and apart from the others.
func viewOps(v *View) []op {
	if !v.Any() {
		return nil
	}
	rest := viewMounts(v)
	private := op{verb: stage.Wish, step: StepView, nr: unix.SYS_MOUNT, args: mountArgs("", "/", "", unix.MS_REC|unix.MS_SLAVE, "")}
	private.skip = uint32(len(rest))
	own := op{verb: stage.Wish, step: StepView, nr: unix.SYS_UNSHARE, args: []argument{num(unix.CLONE_NEWNS)}}
	own.skip = private.skip + 1
	return append([]op{own, private}, rest...)
}

// viewMounts mounts the view in a mount namespace that is the shell's own already.
func viewMounts(v *View) []op {
	var ops []op
	if len(v.Files) > 0 {
		ops = append(ops, fileOps(v.Files)...)
	}
	if v.Sys {
		ops = append(ops, sysOps()...)
	}
	if v.Proc {
		ops = append(ops, op{verb: stage.Wish, step: StepProc, nr: unix.SYS_MOUNT, args: mountArgs("proc", "/proc", "proc", noPrograms, "")})
	}
	return ops
}

const noPrograms = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// fileOps puts the files into a file system in memory and binds them over the host's. It is mounted on
// /sys for a moment: a directory that is there on every host, and whose content nobody needs meanwhile.
func fileOps(files []File) []op {
	ops := []op{{verb: stage.Wish, step: StepFiles, nr: unix.SYS_MOUNT, args: mountArgs("tmpfs", "/sys", "tmpfs", noPrograms, "mode=755,size=1m")}}
	for i, f := range files {
		at := "/sys/" + string(rune('a'+i))
		ops = append(ops,
			op{verb: stage.Keep, step: StepFiles, nr: unix.SYS_OPENAT, args: []argument{
				atCWD, cstring(at), num(unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_CLOEXEC), num(0o644),
			}},
			op{verb: stage.Try, step: StepFiles, nr: unix.SYS_WRITE, args: []argument{kept{}, cstring(f.Data), num(len(f.Data))}},
			op{verb: stage.Wish, step: StepFiles, arg: uint32(i), nr: unix.SYS_MOUNT, args: mountArgs(at, f.Path, "", unix.MS_BIND, "")},
		)
	}
	ops = append(ops, op{verb: stage.Call, step: StepFiles, nr: unix.SYS_UMOUNT2, args: []argument{cstring("/sys"), num(unix.MNT_DETACH)}})
	ops[0].skip = uint32(len(ops) - 1)
	return ops
}

// sysOps mounts a /sys that shows the network namespace, and the cgroups in it again: ip-netns(8) hides
// them.
func sysOps() []op {
	const moveEmptyPath = 4 // MOVE_MOUNT_F_EMPTY_PATH
	ops := []op{
		{verb: stage.Keep, step: StepSys, nr: unix.SYS_OPEN_TREE, args: []argument{
			atCWD, cstring("/sys/fs/cgroup"), num(unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_RECURSIVE),
		}},
		{verb: stage.Wish, step: StepSys, nr: unix.SYS_MOUNT, args: mountArgs("sysfs", "/sys", "sysfs", noPrograms, "")},
		{verb: stage.Try, step: StepSys, nr: unix.SYS_MOVE_MOUNT, args: []argument{
			kept{}, cstring(""), atCWD, cstring("/sys/fs/cgroup"), num(moveEmptyPath),
		}},
	}
	ops[1].skip = 1
	return ops
}

// mountArgs are the arguments of mount(2); an empty text is NULL.
func mountArgs(source, target, fstype string, flags uintptr, data string) []argument {
	text := func(s string) argument {
		if s == "" {
			return num(0)
		}
		return cstring(s)
	}
	return []argument{text(source), cstring(target), text(fstype), num(flags), text(data)}
}
