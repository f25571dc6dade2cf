// Package query understands the filter expressions of util-linux, see scols-filter(5): whether a line
// of a table is wanted, said by the names of its columns.
//
//	TYPE == "net" && NPROCS > 10
//	COMMAND =~ "^/usr/sbin/" and not (USER eq "root")
//
// The grammar and what it means are those of libsmartcols, with these consequences that are easy to
// miss: "and" and "or" bind alike, from left to right, so a || b && c is (a || b) && c; "not" binds
// closest, so !a == b is (!a) == b; an empty cell compares to no number, so neither PID == 1 nor
// PID != 1 is true of it; a name alone is true where its cell is neither empty nor zero.
//
// Two things are different. Regular expressions are Go's, see regexp/syntax: they have what POSIX
// extended ones have but for back references and \< \>, and some more. They search the whole cell:
// . matches a newline, ^ and $ the ends of the cell only. And floats have 64 bits.
//
// Expressions may come from anywhere: what is too long or too deep is refused, and matching takes time
// linear in what is matched.
package query
