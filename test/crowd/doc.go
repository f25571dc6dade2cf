// Package crowd makes a host with as many processes and namespaces as asked, for tests and
// benchmarks.
package crowd
