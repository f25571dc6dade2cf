// Package nsenter runs programs in any set of namespaces of other processes.
//
// The way in has four steps. Pin takes hold of the target: a pidfd and one descriptor per namespace,
// checked against what the user saw, so that nothing that happens later to the pid can lead into the
// wrong place. Facts is what was read of it, as plain data. NewPlan decides from Facts and a Request,
// purely: which kinds are entered, which are not and why, as whom, with which program. Start and Run
// compile the plan into a list of system calls (also purely, see compile) and hand it, with the
// descriptors, to a re-executed child of this program, which forks, joins and executes: see package
// stage. Start gives it a terminal of its own, a Session; Run the caller's descriptors, as nsenter(1)
// does. Package express is a faster way for the one case that scripts repeat.
//
// Dangers. A Target keeps its namespaces alive and mounts busy: close it when the choice is made. A
// root user who enters without the target's user namespace brings all capabilities of the host; the
// plan says so. A program with the caller's files that the target can trace opens those files to the
// target: the plan warns, or refuses (see checkExposed). What is read of the target (its environment,
// its passwd, its directory tree) is written by whoever lives there, and may change at any time: it is
// parsed as bytes, in its root only, within a time, and never trusted.
//
// What it does not do: it does not look for processes (package procscan does), draws nothing, and
// writes nothing into the target.
package nsenter
