// Package container says who a process belongs to: the container, its pod, or the unit of systemd.
//
// A [Resolver] takes the snapshots of package procscan, one after the other, and gives [Names] for each,
// which are immutable.
package container
