// Package nsenter opens a shell in any set of namespaces of another process.
//
// The way in has four steps. Pin takes hold of the target: a pidfd and one descriptor per namespace,
// checked against what the user saw, so that nothing that happens later to the pid can lead into the
// wrong place. Facts is what was read of it, as plain data. NewPlan decides from Facts and a Request,
// purely: which kinds are entered, which are not and why, as whom, with which shell. Start compiles
// the plan into a list of system calls (also purely, see compile) and hands it, with the descriptors,
// to a re-executed child of this program, which forks, joins and executes: see package stage. A
// Session is the shell that runs then, on a pty of its own.
//
// Dangers. A Target keeps its namespaces alive and mounts busy: close it when the choice is made. A
// root user who enters without the target's user namespace brings all capabilities of the host; the
// plan says so. What is read of the target (its environment, its passwd, its directory tree) is
// written by whoever lives there: it is parsed as bytes, in its root only, and never trusted.
//
// What it does not do: it does not look for processes (package procscan does), draws nothing, and
// writes nothing into the target.
package nsenter
