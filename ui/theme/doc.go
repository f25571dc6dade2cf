// Package theme says how what is drawn looks: roles on the sixteen colours the user has chosen for the
// terminal, and the characters of frames and marks.
//
// Colour only repeats what a word, a letter or a shape says already, so every theme has the same
// roles and the mono theme loses nothing. No theme sets a background of its own but in reverse video:
// the terminal's default is right on light and dark grounds alike.
//
// It decides nothing about layout and reads no terminal; New takes what it must know.
package theme
