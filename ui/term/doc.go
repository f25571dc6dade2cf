// Package term is a terminal emulator: bytes of a child in, a screen of cells out.
//
// It behaves as xterm does for what programs send: VT220 editing, margins, character sets and the
// xterm extensions for colours, modes, titles and reports. In one thing it follows tmux, because
// nothing is lost that way: erasing the whole screen moves what was on it to the history.
//
// The parts, each knowing only those before it:
//
//	parser   bytes to calls: text, control, escape, csi, osc, dcs; knows nothing of a screen
//	row      cells of one line, whole wide characters, erasing
//	history  lines that left the top, packed
//	screen   scrolling, editing, the cursor; resize.go wraps lines again
//	dispatch what each sequence does to the screen, the modes and the queues
//	render   a row as text with SGR for the outer terminal
//	encode   keys, paste, mouse and focus to bytes for the child
//
// # Dangers
//
// The bytes come from processes that may be hostile, into a program that often runs as root. No
// input and no sequence of sizes may panic, take time without bound, allocate without bound or
// show anything outside the rectangle of the pane. Therefore every number is clamped to the grid
// where it is used, every string and queue has a limit (see limits.go), and a row leaves this
// package only as text whose width the renderer around it computes the same: a cell about which
// terminals disagree is drawn as U+FFFD. Strings handed out (titles, links, directories) hold no
// control characters. Nothing the child asks for reaches the outer terminal by itself: titles,
// bells and clipboard requests are events for the owner, and asking for the clipboard is never
// answered.
//
// One sequence costs at most one pass over the screen. That is little, but a hostile child can send
// many: on a screen of 300x100 cells 64 KiB of them take up to a second. An owner that holds a lock
// while it calls Write should write a few KiB at a time.
//
// # What it does not do
//
// A Terminal has no lock and no goroutine and does no input or output; its owner serialises the
// calls. Write never blocks. There are no graphics (sixel, kitty, iTerm), no double-width lines,
// no printer, no Tektronix and no 132 column switching.
package term
