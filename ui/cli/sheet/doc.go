// Package sheet prints tables as the tools of util-linux do: aligned in columns, raw for scripts, or as
// JSON, each of them flat or as a tree. What comes out is, byte for byte, what libsmartcols writes for
// the same cells, so that a program that reads the one can read the other; the tests of package
// test hold it against lsns(8).
//
// Two things are different on purpose. Cells may be hostile: what a terminal would obey or could not
// draw is written as \xHH, byte by byte, also where libsmartcols lets it pass (C1 controls, marks that
// turn the direction of writing). And JSON is always valid: what is no UTF-8 becomes U+FFFD, and what
// is not printable is written as \uHHHH.
//
// A sheet is filled and then printed once; it is for one goroutine.
package sheet
