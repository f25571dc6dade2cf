// Package ns is the vocabulary of namespaces: their eight kinds, the letters nsenter(1) gives them,
// the identity of one namespace, the tuple a process lives in, and sets of kinds.
//
// It is shared by what scans and what enters, so it knows neither: it imports the standard library
// only, reads nothing and holds no state.
package ns
