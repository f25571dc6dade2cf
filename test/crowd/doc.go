// Package crowd makes a host with as many processes and namespaces as asked, for tests and
// benchmarks.
//
// The host is a pid namespace and a mount namespace with a proc of its own. Its first process is the
// test binary once more, which this package takes over when it starts under the right variable, before
// any test runs; when that ends, all end. The others are as on a host that runs containers: a fifth are
// services of the host; the others are in pods, which share their network, ipc and uts namespaces, and
// in those in containers, which have mount, pid and cgroup namespaces of their own. They have names and
// arguments of their own, several users, nine open descriptors each; some have threads, some are
// zombies. Besides there are namespaces that are held only by a descriptor, a socket, a mount or a
// stray thread, see [Held].
//
// A process is a program of a few hundred bytes and costs about 70 KB of memory, nearly all of it the
// kernel's: 10,000 are ready in about a second and take 700 MB. They wait for nothing and use no
// processor time.
//
// It needs root, and enough pids: about twice as many as processes.
package crowd
