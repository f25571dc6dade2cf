// Package procscan reads /proc and says which namespaces there are, who is in them and whose they
// are.
//
// A [Scanner] reads a proc root into a [Snapshot], which is immutable and may be shared and kept.
// Nothing a process does ends a scan: processes vanish in the middle of it, leave zombies, refuse
// to be read, change their names and command lines, and have fewer namespaces than others. A
// snapshot tells what was refused and why, and a scan fails only if the root cannot be listed or
// its context ends. [Scanner.Inspect] reads more about one process, for somebody who looks at it.
//
// # What a snapshot is worth
//
// What it says of one process is of that process and no other: it is read through one descriptor
// of the process's directory, which leads nowhere once the process is gone. What it says of two
// processes was not read at the same moment. Identity, name, parent, user and namespaces are of
// this scan. Arguments and control group are read again when a process is new or has a new name;
// of the others 1,000 are read again in each scan in turn, so on a larger host theirs may be some
// scans old. Of a command line the first 4 KiB are read, and empty arguments at its end are lost.
//
// A [ProcID] holds for as long as the process lives. An inode number of a namespace does not: the
// kernel gives it to the next namespace as soon as the old one is gone, also to one of another
// kind. Who acts on a namespace must look again.
//
// # Dangers
//
// Names, arguments and control groups are text others chose: they hold newlines, escape sequences
// and bytes that are not UTF-8. Nothing here cleans it; what draws it must.
//
// An open descriptor of a namespace keeps the namespace alive, with its interfaces and mounts. The
// only ones opened here are to ask for the owner, one at a time and closed at once.
//
// A scan reads most files by system calls the Go scheduler is not told of, and yields to it every
// few processes instead. Files that make the kernel wait for locks are read in the ordinary way,
// and nothing is opened that leads out of proc and nsfs: a dead network or FUSE mount cannot hang
// it.
//
// # What it does not do
//
// It finds the namespaces processes are in. It does not look for those that are held only by a
// thread other than the first, by an open file, by a mount or by a namespace below them. It reads
// when it is told to and is not told by the kernel what changed. It never joins a namespace, and
// knows nothing of containers and their names.
package procscan
