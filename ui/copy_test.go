package ui

import "testing"

// An inode can be copied in each of the lists; where there is one of each kind it is asked for the kind.
func TestCopyInode(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.press("j", "y", "i")
	s.has("sent inode to the clipboard, if the terminal allows that: 4026532563")
	s.press("c")
	s.typeInto("/", "side")
	s.press("enter", "y")
	s.has("i  copy inode    of which of its namespaces")
	s.press("i")
	s.has("Copy the inode of", "n  net     4026532563", "u  uts     4026532587")
	s.press("n")
	s.has("sent inode to the clipboard, if the terminal allows that: 4026532563")
	s.press("esc", "9", "G", "l", "y", "i", "U") // from the processes of a set
	s.has("terminal allows that: 4026531837")
}

// What cannot be copied is in the menu with the reason.
func TestCopyMenuSaysWhyNot(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.press("0", "l", "y")
	s.has("d  copy id         it is in no container", "o  copy name     init.scope")
}
