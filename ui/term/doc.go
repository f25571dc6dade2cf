// Package term is a terminal emulator: bytes of a child in, a screen of cells out.
//
// It behaves as xterm does for what programs send: VT220 editing, margins, character sets and the
// xterm extensions for colours, modes, titles and reports. In two things it follows tmux, because
// nothing is lost that way: erasing the whole screen moves what was on it to the history, and erasing
// to the end of a full line leaves its last character. Build tags compare it with other terminals:
// go test -tags tmux, -tags xtermjs (needs node and packages, see xtermjs_test.go), -tags xterm (needs
// an X server: xvfb-run).
//
// The parts, each knowing only those before it:
//
//	parser   bytes to calls: text, control, escape, csi, osc, dcs; knows nothing of a screen
//	row      cells of one line, whole wide characters, erasing
//	history  lines that left the top, packed
//	screen   scrolling, editing, the cursor; resize.go wraps lines again
//	dispatch what each sequence does to the screen, the modes and the queues
//	prompt   where a shell says that its prompts and the output of commands are
//	freeze   a copy to be looked at, and paragraph.go reads text as it was before it was wrapped
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
// terminals disagree is drawn without its marks, or as U+FFFD; who copies it gets it as it is. Strings
// handed out (titles, links, directories) hold no control characters. Nothing the child asks for reaches
// the outer terminal by itself: titles, bells and clipboard requests are events for the owner, and
// asking for the clipboard is never answered.
//
// One sequence costs at most one pass over the screen. That is little, but a hostile child can send
// many: on a screen of 200x50 cells 64 KiB of them take up to a third of a second. An owner that holds
// a lock uses WriteSome, which returns after its share of work.
//
// # What it does not do
//
// A Terminal has no lock and no goroutine and does no input or output; its owner serialises the
// calls. Write never blocks.
//
// Left out on purpose, and taken without being shown, of what ctlseqs (patch 379) lists:
//
//   - Graphics: sixel, ReGIS, those of kitty and iTerm; XTSMGRAPHICS is answered with a failure.
//   - Double-width and double-height lines, 132 columns (DECCOLM), pages, the status line, smooth
//     scrolling, LEDs, volumes, printing, logging, downloaded fonts, VT52 and Tektronix modes. DECRQM
//     says of the modes that they are reset for good.
//   - Whatever would move, resize, hide or rename the window of the terminal around. Titles are events.
//   - Answers that say what is on the screen or what the child chose: titles (CSI 20 t, 21 t),
//     checksums (DECRQCRA), the clipboard, fonts, resources, DECRSPS.
//   - Answers with eight-bit controls (S8C1T): they are no UTF-8. For the same reason nothing is mapped
//     to GR, and bytes from 0x80 on are characters and never controls by themselves.
//   - Widths by clusters (mode 2027): bash, vim and less count characters. DECRQM says so.
//   - Highlight tracking of the mouse (mode 1001), which waits for the child, and the DEC locator.
//   - Special colours (OSC 5, 105) and names of colours; OSC 13 to 19 are only remembered. The stack of
//     palettes (XTPUSHCOLORS, XTPOPCOLORS, XTREPORTCOLORS): what a program changed it puts back by OSC 104.
//   - Notifications (OSC 9, 99, 777), and user-defined keys.
//   - Of XTMODKEYS all but modifyOtherKeys 0 to 2, and of the kitty keyboard protocol what the terminal
//     around does not tell.
package term
