// Package drive runs a program in a pseudo-terminal, types keys and reads its screen: what a person
// does, for end-to-end tests and for screenshots.
//
// The screen is what an emulator made of the output, so tests see what a user sees and not how it
// was drawn. The emulator's answers to the program's queries go back to the program, as those of a
// terminal would.
//
// Nothing here sleeps. To wait is to name what the screen should show ([Program.WaitText]) or a
// condition on it ([Program.WaitFor]); every piece of output wakes the waiter, and the context ends a
// wait in vain with the screen in the error.
//
// What it does not do: it does not know nstui, and it does not build the program.
package drive
