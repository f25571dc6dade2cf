// Package test holds what no package can test alone: the rules of the architecture, and the program
// as a user meets it, run in a real terminal with namespaces made for the test.
//
// The end-to-end tests build nstui once, start it in a pseudo-terminal through package drive, type
// keys and wait for text on the screen. They never sleep and never measure time to decide whether
// they passed. Each makes the namespaces and processes it needs and ends them; what needs root says
// so and is skipped without it.
//
// Folder lab holds two machines with containers of real runtimes: one like a host without systemd, and one that
// boots it and has control groups of the second version alone. Each is started by the first test that wants it,
// and shared by all; a test that changes something there undoes it. names_inventory_test.go lists who is in them.
//
//	go test ./test                     as anybody
//	go test ./test -update             writes the key block of README.md again
//	go test ./test -bench Latency      keys while 10,000 processes are scanned; needs root
package test
