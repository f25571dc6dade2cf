// Package attach hands the real terminal to a program that has one of its own: what is typed goes to the
// program and what it prints to the terminal as they are, until a prefix key and another lead back.
//
// It is for what an emulator cannot do: pictures, a terminal's own scrollback, reports only it can give. So
// the program has the terminal meanwhile, and can do with it what every program on it can: set its title and
// its clipboard, change its colours and keys, ask it things. Afterwards it is put back into the state of one
// that has just been opened, as far as there are sequences for that (see leave), and what the program made
// it answer is thrown away before anybody else reads it: an answer holds text of the program's choice, and
// would be keys to whoever comes next.
//
// An Attachment ends by the prefix, by the end of the program, or by Stop; the terminal is put back in all
// of these cases, and where the code panics. A terminal that takes nothing any more holds up the program,
// as terminals do, but never Stop.
//
// The package knows neither bubbletea nor the emulator.
package attach
