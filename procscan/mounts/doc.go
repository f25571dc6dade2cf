// Package mounts finds the namespaces that are mounted: those ip-netns(8) keeps by a name, and those
// other programs keep in mount namespaces of their own. Where the kernel allows it, it also finds all
// mount namespaces there are, those no process is in among them.
//
// There are two ways. From Linux 6.12 on the kernel goes from one mount namespace to the next
// (NS_MNT_GET_NEXT in linux/nsfs.h), and listmount(2) and statmount(2) read the mounts of each, also
// those that no process can see any more. That asks for CAP_SYS_ADMIN and the pid namespace of the
// host. Elsewhere the mountinfo of one process in each mount namespace is read, see
// proc_pid_mountinfo(5); that shows what is below the root directory of that process.
//
// Nothing here looks up a path, so a file system that does not answer holds nothing up. The one
// descriptor of a mount namespace that is open at a time keeps it alive while it is walked and no
// longer. If that was the last reference, closing it is what unmounts everything in it, and that can
// take as long as those file systems take: who must not wait runs Find in a goroutine of its own.
//
// Not found are mounts that belong to no mount namespace, such as those open_tree(2) made and nobody
// has attached: nothing but their descriptor leads to them.
package mounts
