// Package cast writes what a terminal shows as a recording, in version 2 of the format of asciinema:
// https://docs.asciinema.org/manual/asciicast/v2/.
//
// A recording is lines of JSON: a header, then an event a line with the seconds since the beginning, "o" for
// output or "r" for a new size, and the text. A file that ends early is a recording up to there, so the file
// is written in whole lines, and cut back to one where a disk is full.
//
// A Recorder never holds up who calls it. What is recorded waits in memory, up to a limit, until one
// goroutine has written it; the file may be on a disk that is slow or does not answer at all. Once the
// limit is reached the recording is over: it ends with an error, and with all that was taken until then if
// the disk still takes that. Nothing is left out of the middle.
//
// What is recorded is what the program printed, not made harmless: playing a recording shows it to the
// terminal around, as cat(1) would. It holds what was typed only where the program printed it.
//
// The package knows nothing of screens and shells.
package cast
