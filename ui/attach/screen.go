package attach

import (
	"fmt"
	"strings"
)

// take returns what makes the terminal ready for a program: its title is kept, and what is on it goes up
// into its scrollback, with a hint below it that ends right above the program, and is the title.
func take(rows int, hint string) string {
	title := ""
	if hint != "" {
		title, hint = "\x1b]2;"+hint+"\x1b\\", "\r\n["+hint+"]"
	}
	down := strings.Repeat("\n", max(rows-1, 0))
	return "\x1b[22;0t" + title + "\x1b[m\x1b[r\x1b[H" + down + hint + "\n" + down + "\x1b[H\x1b[2J"
}

// keyboard takes back what was asked of the keyboard on the screen that is shown: xterm's resources, and all
// entries of the stack of the kitty protocol.
const keyboard = "\x1b[>0m\x1b[>1m\x1b[>2m\x1b[>4m\x1b[>4f\x1b[<99u\x1b[=0u"

// leave returns what puts a terminal back of which nothing is known: a program may have left it in the
// middle of a sequence, in other modes, character sets and colours. See XTerm Control Sequences and
// console_codes(4). Where a terminal's own default cannot be known it is left alone. The cursor ends in
// the line below the given row, where the program had it.
func leave(cols, row int) string {
	var b strings.Builder
	// An end for whatever is going on: of a sequence, a string, VT52 mode, and of all output to a printer.
	b.WriteString("\x18\x1b\\\x1b<\x1b[4i\x1b[?4i")
	// Seven bits, UTF-8, ASCII, in place of other controls and sets.
	b.WriteString("\x1b F\x1b%G\x1b(B\x1b)B\x1b*B\x1b+B\x0f")
	b.WriteString("\x1b[!p\x1b>\x1b[0\"q\x1b[4l\x1b[20l\x1b[2l\x1b[12h")
	// The mouse, the focus, paste, reports of sizes and colour schemes, output that waits, and keys as Windows has them.
	for _, mode := range []int{9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031, 2048, 9001} {
		fmt.Fprintf(&b, "\x1b[?%dl", mode)
	}
	// Cursor keys, inverse video, origin, reverse wrap, national sets, keypad, backspace, margins, sixels.
	for _, mode := range []int{1, 5, 6, 45, 42, 66, 67, 69, 80} {
		fmt.Fprintf(&b, "\x1b[?%dl", mode)
	}
	// Each screen has a stack of its own.
	b.WriteString("\x1b[?1047h" + keyboard + "\x1b[?1047l\x1b[?47l" + keyboard)
	// The colours of the Linux console and PuTTY, for which R is all; others take up to the end for a string
	// they do not know. Then those of xterm.
	b.WriteString("\x1b]R\x1b\\\x1b]104\x1b\\\x1b]105\x1b\\")
	for n := 110; n <= 119; n++ {
		fmt.Fprintf(&b, "\x1b]%d\x1b\\", n)
	}
	b.WriteString("\x1b]8;;\x1b\\\x1b]22;\x1b\\\x1b[23;0t\x1b[r\x1b[?7h\x1b[?8h\x1b[3g")
	for x := 9; x <= cols; x += 8 {
		fmt.Fprintf(&b, "\x1b[1;%dH\x1bH", x)
	}
	fmt.Fprintf(&b, "\x1b[m\x1b[0 q\x1b[?25h\x1b[%d;1H\r\n", row+1)
	return b.String()
}
