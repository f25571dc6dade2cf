// Package text turns text from outside into text that may be drawn, and measures it in cells.
//
// Names, arguments, cgroup paths, hostnames and titles are set by the processes looked at, so they are
// hostile: they may hold escape sequences, newlines, marks that turn the writing direction, marks that
// stack on the cell before, and megabytes. The rest of the program keeps such text as it came and
// passes it through Clean when it is drawn; nothing else strips anything.
//
// What Clean returns holds no control, format or otherwise invisible character, and every grapheme in
// it is one or two cells wide whether it is measured by grapheme clusters or by wcwidth. Terminals
// follow either, and a line both agree on cannot push a frame out of place. Whatever they would not
// agree on (most emoji sequences, flags, conjoining jamo) is shown as U+FFFD: the frame is worth more
// than the picture.
//
// Width, Truncate, Pad and Fit take text that is clean. They know nothing of escape sequences.
package text
