// Feeds @xterm/headless, with the widths of @xterm/addon-unicode11, what comes on standard input, one
// request in JSON a line, and answers each with a line once the terminal has read it: null, or the
// screen if it was asked for.
const { Terminal } = require('@xterm/headless');
const { Unicode11Addon } = require('@xterm/addon-unicode11');
const readline = require('node:readline');

let terminal;

function color(kind, value) {
	switch (kind) {
	case 0x1000000: // 16 colours
	case 0x2000000: // 256 colours
		return { Kind: 1, Index: value & 255 };
	case 0x3000000:
		return { Kind: 2, R: value >> 16 & 255, G: value >> 8 & 255, B: value & 255 };
	}
	return {};
}

function cell(c) {
	return {
		Text: c.getChars(),
		Width: c.getWidth(),
		Style: {
			FG: color(c.getFgColorMode(), c.getFgColor()),
			BG: color(c.getBgColorMode(), c.getBgColor()),
			UnderlineColor: c.isUnderline() && c.extended.underlineColor >= 0 ? color(c.extended.underlineColor & 0x3000000, c.extended.underlineColor & 0xffffff) : {},
			Underline: c.isUnderline() ? c.extended.underlineStyle || 1 : 0,
			Bold: !!c.isBold(), Dim: !!c.isDim(), Italic: !!c.isItalic(), Blink: !!c.isBlink(), Reverse: !!c.isInverse(),
			Conceal: !!c.isInvisible(), Strike: !!c.isStrikethrough(), Overline: !!c.isOverline(),
		},
	};
}

function row(y) {
	const line = terminal.buffer.active.getLine(y);
	return Array.from({ length: terminal.cols }, (_, x) => cell(line.getCell(x)));
}

function view() {
	const buffer = terminal.buffer.active;
	return {
		X: buffer.cursorX, Y: buffer.cursorY, Alternate: buffer.type === 'alternate',
		Rows: Array.from({ length: terminal.rows }, (_, y) => row(buffer.baseY + y)),
	};
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
	const request = JSON.parse(line);
	const answer = (value) => process.stdout.write(JSON.stringify(value) + '\n');
	switch (request.Do) {
	case 'new':
		terminal = new Terminal({ cols: request.Size.W, rows: request.Size.H, scrollback: 2000, allowProposedApi: true, logLevel: 'off' });
		terminal.loadAddon(new Unicode11Addon()); // its own widths are those of Unicode 6
		terminal.unicode.activeVersion = '11';
		answer(null);
		break;
	case 'resize':
		terminal.resize(request.Size.W, request.Size.H);
		answer(null);
		break;
	case 'feed':
		terminal.write(Buffer.from(request.Data, 'base64'), () => answer(null));
		break;
	case 'view':
		answer(view());
		break;
	}
});
