// Package lookup finds files below a folder by paths that somebody else may have laid links along.
//
// [Open] leads out of the folder only if it is asked to, whatever the links are, and opens nothing but a name for
// the file: no device is started by it, and no pipe waits. What stands behind a name may still hang, on a
// file system that does: callers see to that.
package lookup
