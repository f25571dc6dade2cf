package nsenter

import (
	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
	"nstui/procscan/ns"
)

// Tree says how the host's files are put into a private copy of the target's mount namespace: mounted on a
// directory of the target, which becomes the root of the shell, with the target's files on a directory of
// the host's. Nothing of it is seen outside, and nothing is left.
type Tree struct {
	At     string // a directory in the target's root; empty: no tree
	Target string // where the target's root directory is for the shell: a directory of the host's
}

// spares are the directories to mount on, those first that are most likely empty.
var spares = []string{"/mnt", "/media", "/srv", "/opt", "/home", "/tmp", "/run", "/var", "/usr", "/etc"}

// spare returns one that is there, an empty one if there is any.
func spare(root int) string {
	found := ""
	for _, p := range spares {
		fd, err := openIn(root, p, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK)
		if err != nil {
			continue
		}
		// A name in it beside "." and ".." makes the answer longer than those two are.
		buf := make([]byte, 4096)
		n, err := unix.Getdents(fd, buf)
		unix.Close(fd)
		if err != nil {
			continue
		}
		if _, count, _ := unix.ParseDirent(buf[:n], 1, nil); count == 0 {
			return p
		}
		if found == "" {
			found = p
		}
	}
	return found
}

// tree chooses how the host's files are mounted, if they are wished for.
func (p *Plan) tree(f *Facts, r Request) Tree {
	if r.Tools != ToolsTree || !p.Join.Has(ns.Mnt) {
		return Tree{}
	}
	return Tree{At: f.Inside.Spare, Target: f.Outside.Spare}
}

// checkTree says why the host's files cannot be mounted, or what is done.
func (p *Plan) checkTree(f *Facts) {
	mayMount := f.authority().has(unix.CAP_SYS_ADMIN, f.Caller.UserNS)
	switch {
	case !p.Join.Has(ns.Mnt):
		p.add(Fail, "the host's tree is mounted in the target's mount namespace: mnt must be entered")
	case !mayMount:
		p.add(Fail, "the host's tree can be mounted by root only")
	case p.Join.Has(ns.User):
		p.add(Fail, "the host's tree would be open to root in its user namespace: use its own tools, or leave user out")
	case f.PID == 0 || f.Kinds[ns.Mnt].Source != "":
		p.add(Fail, "the host's tree takes a process whose root directory is known")
	case f.Chrooted != "":
		p.add(Fail, "the host's tree cannot be mounted: the target's root directory %s is not that of its mount namespace", f.Chrooted)
	case f.Inside.Hung:
		p.add(Fail, "the target's root directory does not answer: use the host's tools")
	case p.Tree.At == "":
		p.add(Fail, "no directory in the target's root directory to mount the host's tree on")
	case p.Tree.Target == "":
		p.add(Fail, "no directory on the host for the target's files")
	default:
		p.add(OK, "the host's tree is /, the target's files are in %s: mounted for the shell alone", p.Tree.Target)
	}
}

// takeTree keeps a copy of the host's tree, while it can be seen.
func (ops *program) takeTree() {
	ops.add(stage.Need, StepTree, 0, unix.SYS_OPEN_TREE, atCWD, cstring("/"),
		num(unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE))
}

// mountTree mounts it and makes it the root. The directory it is mounted on is the target's, who can put
// another in its place at any time: so it is named once, and what was mounted is gone on from.
func (ops *program) mountTree(t *Tree) {
	const moveEmptyPath = 4 // MOVE_MOUNT_F_EMPTY_PATH
	ops.add(stage.Call, StepTree, 0, unix.SYS_UNSHARE, num(unix.CLONE_NEWNS))
	ops.add(stage.Call, StepTree, 0, unix.SYS_MOUNT, mountArgs("", "/", "", unix.MS_REC|unix.MS_SLAVE, "")...)
	ops.add(stage.Call, StepTree, 0, unix.SYS_MOVE_MOUNT, kept{}, cstring(""), atCWD, cstring(t.At), num(moveEmptyPath))
	ops.add(stage.Call, StepTree, 0, unix.SYS_FCHDIR, kept{})
	ops.add(stage.Call, StepTree, 0, unix.SYS_MOUNT, mountArgs("", ".", "", unix.MS_REC|unix.MS_SLAVE, "")...)
	ops.add(stage.Call, StepTree, 0, unix.SYS_MOUNT, mountArgs("/", "."+t.Target, "", unix.MS_BIND|unix.MS_REC, "")...)
	ops.add(stage.Call, StepTree, 0, unix.SYS_CHROOT, cstring("."))
}
