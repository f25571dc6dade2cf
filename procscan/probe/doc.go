// Package probe tries what this kernel, this user and this proc root allow of what nstui can use.
//
// Nothing is concluded from a version: each feature is used once, on this process itself, and undone.
// Each try has a limit of time, so that a kernel or file system that does not answer costs seconds and
// no more. None of them changes anything: what is made is closed at once, and the children that are
// started to see whether they may be started execute nothing.
//
// Entering a namespace is not tried. Only package nsenter does that, and it cannot be undone by all who
// can do it.
package probe
