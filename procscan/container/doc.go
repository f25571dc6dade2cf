// Package container says who a process belongs to: the container, its pod, or the unit of systemd; and who a
// namespace is for.
//
// A [Resolver] takes the snapshots of package procscan, one after the other, and gives [Names] for each, which
// are immutable. An [Owner] stays the same one, by its pointer, for as long as nothing new is known of it: so
// who compares two Names compares pointers.
//
// # Where names come from
//
// In this order, until there is one:
//
//   - The path of the control group. It costs nothing, asks for no right and never fails: the runtime, the ID,
//     the UID of the pod, and what is in what. The scan has to read control groups, see procscan.Groups.
//   - The process of the runtime above a container (containerd's shim, conmon, LXC's monitor, systemd-nspawn,
//     bwrap, firejail): its arguments, which anybody may read, and the bundle it works in, which root may. That
//     is also where a container in a container is named, by its own runtime's process and as that sees files.
//   - What runtimes keep on disk: Docker's config.v2.json, podman's containers.json, the states of runc and
//     crun, the machines of systemd; CRI-O's config.json of a pod of which only a network namespace is left.
//   - The daemons of Docker and podman, see [Resolver.Ask] and package engine. Resolve never asks one.
//   - The unit of systemd.
//
// What has no processes is named only where a network namespace is left of it, see [Names.Pinned] and [Names.Find],
// and where somebody asks for it by [Resolver.Stopped].
//
// What no control group names (podman without root on cgroup v1, bwrap, flatpak, runc by hand) is told by its
// mount namespace, if a runtime's process or state tells of it.
//
// # Dangers
//
// All text in an Owner is a stranger's: container names, labels and paths hold escape sequences and newlines
// if somebody likes that. It is kept as it came, cut at 256 bytes; what draws it must clean it.
//
// Any process can call itself conmon. One is believed if it is root's, by all its uids and not by a setuid
// program, or runs as the user of the process below it, or that is in a user namespace of that user; if it is
// not in the container itself; and if it names the ID that the kernel has in the path of the control group.
// Under the control groups of a user only that user and root are believed, under those that only root makes
// only root, in a container only what is in that container: of what is outside of it a process that is moved there
// says no more than its own name. Root is who is so in our user namespace or the host's. Without root it is not
// seen whether a program is a setuid one.
//
// So each container is known by one user's word: that of the runtime's process, else of who made the control
// group, else of who runs it. Owner.User says whose. Nobody else's files and daemons are believed about it, and
// it shares pods and pinned network namespaces with nobody else's. A user who runs something that looks like a
// container of their own is believed: names and IDs alone do not tell root's from theirs. Who made an image says
// nothing of pods, though its labels and annotations are among those of its containers; but it may have the labels
// of compose.
//
// Whoever joins a container's namespaces from outside, as nsenter(1) does, is a visitor: it stays where its
// control group and its parents are, and names no namespace.
//
// Files of others may be on a file system that does not answer. They are read in a goroutine each that is left
// behind after half a second: one of a user and four of root at most, then no more are read until one ends. Links
// in them lead nowhere but in the container of the process they belong to; pipes, devices, what is larger than 4 MiB
// and what is of another user than is believed are not opened.
//
// # What it costs
//
// Each container is looked up once, in four small files, and again after 2, 10 and 60 seconds while it has no
// name, those of one user for 200 ms of each Resolve; files that may change, as after docker rename, are looked at
// name, those of one user for 200 ms of each Resolve; files that may change, as after docker rename, are looked at
// every few seconds, 32 at a time, and where the kernel says what is frozen, of 256 containers of root's and 256 of
// others' at a time. For 10,000 processes in 1,200 containers the first Resolve costs 0.7 of the scan, and the next
// ones 0.03. To have the scan read control groups costs 0.2 of it; a picture that is kept reads few of them again.
// See BenchmarkResolve and BenchmarkCrowd.
//
// # What it does not do
//
// It enters nothing, uses no network and no client library of a runtime, and starts no daemon: it does not talk
// to the sockets of containerd and CRI-O at all, since their files say the same. It opens no database: podman has
// labels, and with them the project and the service of compose, in its own alone, and its daemon is asked only
// for containers that nothing else named; containerd has the digests of images there. Nothing here says how much a
// container uses. Whether one is paused is not known where nstui is in a control group namespace of its own, of
// what is beside that: those paths lack names. Without root the names of Docker's containers come from its socket
// only, for who may use it, and a pod of containerd has an ID and a UID.
package container
