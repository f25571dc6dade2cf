// Package events hears from the kernel which processes are born, end, run another program or enter
// other namespaces.
package events
