// Package newfile makes files that were not there, to be read and written by their owner only.
//
// The directory may be writable by others, and the program may be root: no file that exists is ever opened,
// neither through a symbolic link nor a pipe, which would hold up whoever opens it. Links on the way to the
// directory are followed. The directory is opened first, for which it must be readable: to be allowed to
// write into it and to search it, as in a drop box of mode 0733, is not enough.
//
// Under sudo(8) a file in a directory of the user who called it is that user's: root's could neither be read
// nor played by who asked for it. In directories of others it stays root's. It was made by this call, so
// nothing of anybody else can be given away.
package newfile
