// Package procscan reads /proc and says which namespaces there are, who is in them, what else keeps
// them alive and whose they are.
//
// A [Scanner] reads a proc root once, as deep as wanted (see [Want]), into a [Snapshot], which is
// immutable and may be shared and kept. A [Live] keeps a picture of a proc root true at little cost:
// its snapshots share what has not changed, and [Diff] says what has. [Scanner.Inspect] reads more
// about one process, for somebody who looks at it.
//
// Nothing a process does ends a scan: processes vanish in the middle of it, leave zombies, refuse to be
// read, change their names and command lines, and have fewer namespaces than others. A snapshot tells
// what was refused and why, and a scan fails only if the root cannot be listed or its context ends.
//
// # What a snapshot is worth
//
// What it says of one process is of that process and no other: it is read through a descriptor of the
// process's directory, which leads nowhere once the process is gone. What it says of two processes was
// not read at the same moment. Of a command line the first 8 KiB are read, and empty arguments at its
// end are lost.
//
// A [ProcID] holds for as long as the process lives. An inode number of a namespace does not: the
// kernel gives it to the next namespace as soon as the old one is gone, also to one of another kind.
// Who acts on a namespace must look again.
//
// Namespaces without processes are found where it was wanted to look for them ([Deep]), and above
// others as their parents and owners ([Owners]). Where the kernel lists all namespaces, those are told
// of, too, that nothing found explains. Without that list a namespace can hide: in a message on its way
// through a socket, in a descriptor of a process that refuses to be read, and behind what [Miss] counts.
//
// The pids of a root may be numbers of another pid namespace than ours, as those of a host's proc are
// in a container. Then nothing is asked for by pid but under the root, and [Snapshot.Self] is zero.
//
// # Dangers
//
// Names, arguments, control groups and paths of mounts are text others chose: they hold newlines,
// escape sequences and bytes that are not UTF-8. Nothing here cleans it; what draws it must.
//
// An open descriptor of a namespace keeps the namespace alive, with its interfaces and mounts. The only
// ones opened here are to ask whose it is, closed before the next is opened.
//
// Nothing is opened that leads out of proc and nsfs, unless the kernel can tell without asking a file
// system: a dead network or FUSE mount cannot hang a scan by itself. But a process that waits in execve(2)
// for the server of such a mount, to close a file that is closed on exec, holds a lock that who looks at
// it waits for, and one can lock its memory. So processes are read by goroutines that are left behind
// when nothing comes for a second (in a Live a fifth of that), a few at most: such a process is
// known by what the kernel tells without that lock, its namespaces among it since Linux 6.11, and counted
// as [Stuck]. A Live keeps what it knew of it, and reads it again when it is over.
//
// # What it does not do
//
// It never joins a namespace, and knows nothing of containers and their names.
package procscan
