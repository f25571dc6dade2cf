// Package events hears from the kernel which processes are born, end, run another program or enter
// other namespaces.
//
// A [Stream] is the side-band of perf_event_open(2): on every processor a software event that counts
// nothing, whose ring the kernel writes a record into for each fork, exit, exec, change of name,
// unshare(2) and setns(2) of any task. Nothing else tells of setns, and nothing is cheaper: a record
// costs the kernel what it takes to copy 40 to 150 bytes, and wakes nobody. It needs CAP_PERFMON or
// root; /proc/sys/kernel/perf_event_paranoid does not matter, because records of namespaces are never
// for ordinary users.
//
// # What a stream is worth
//
// Its pids are those of the pid namespace of whoever opened it. Tasks outside of that are left out.
// Records come in an order in which causes precede effects: a fork comes before the exec and the exit
// of its child, also if these happened on other processors. There are none from before the stream was
// opened, and what Drain tells may be out of date by then: a pid may be another's.
//
// The rings hold so much and no more. What does not fit is lost and said to be, and then whoever
// listens has to look at everything again. The same holds when a processor comes or goes.
//
// # What it does not do
//
// The kernel has no record for the time namespace, for the namespaces of children to come, for the end
// of a zombie, and for a change of user. It does not say which process got rid of which: that a parent
// has read the status of its child can only be seen in /proc.
package events
