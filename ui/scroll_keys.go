package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// onScroll makes an action of what is done with the scrollback that is shown.
func onScroll(f func(m *Model, s *shell, b *scrollback) tea.Cmd) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		s := m.shellShown()
		if s == nil || s.scroll == nil {
			return nil
		}
		return f(m, s, s.scroll)
	}
}

// startScroll looks back at what the shell has printed.
func (m *Model) startScroll() tea.Cmd {
	s := m.shellShown()
	if s.session == nil {
		return m.note("nothing has been printed")
	}
	s.lookBack().keys = true
	return nil
}

// scrollActions are the keys while one looks back at what a shell has printed.
func scrollActions() []action {
	table := []action{
		{id: "scroll-find-down", scope: inScroll, keys: []string{"/"}, label: "search", foot: 1, help: "search downwards, on from the top; small letters find capital ones too", run: find(false)},
		{id: "scroll-find-up", scope: inScroll, keys: []string{"?"}, label: "search up", help: "search upwards", run: find(true)},
		{id: "scroll-next", scope: inScroll, keys: []string{"n"}, label: "next", help: "next of what is searched for", run: onScroll(func(m *Model, _ *shell, b *scrollback) tea.Cmd { return m.findNext(b, false) })},
		{id: "scroll-previous", scope: inScroll, keys: []string{"N"}, label: "previous", help: "the one before", run: onScroll(func(m *Model, _ *shell, b *scrollback) tea.Cmd { return m.findNext(b, true) })},
		{id: "scroll-select", scope: inScroll, keys: []string{"v"}, label: "select", foot: 1, help: "select characters from the cursor on", run: choose(byChars)},
		{id: "scroll-select-lines", scope: inScroll, keys: []string{"V"}, label: "lines", foot: 4, help: "select lines, whole as they were before they were wrapped", run: choose(byLines)},
		{id: "scroll-select-block", scope: inScroll, keys: []string{"ctrl+v"}, label: "block", help: "select a rectangle", run: choose(byBlock)},
		{id: "scroll-other-end", scope: inScroll, keys: []string{"o"}, label: "other end", help: "go to the other end of what is selected", run: onScroll(otherEnd)},
		{id: "scroll-copy", scope: inScroll, keys: []string{"y"}, label: "copy", foot: 1, help: "copy what is selected; else line, page, all, or the output of a command", run: onScroll(copySelected)},
		{id: "scroll-copy-line", scope: inScroll, keys: []string{"Y"}, label: "copy line", foot: 4, help: "copy the line", run: onScroll(copyLine)},
		{id: "scroll-copy-leave", scope: inScroll, keys: []string{"enter"}, label: "copy and leave", help: "copy what is selected, and leave", run: onScroll(copyAndLeave)},
		{id: "scroll-save", scope: inScroll, keys: []string{"s"}, label: "save", foot: 2, help: "save the same in a new file", run: onScroll(saveSelected)},
		{id: "scroll-links", scope: inScroll, keys: []string{"u"}, label: "links", foot: 3, help: "links in all there is, to be copied", run: (*Model).findLinks},
		{id: "scroll-prompt-up", scope: inScroll, keys: []string{"[", "{"}, label: "prompt before", help: "prompt before, if the shell marks them (OSC 133)", run: onScroll(func(m *Model, _ *shell, b *scrollback) tea.Cmd { return m.toPrompt(b, true) })},
		{id: "scroll-prompt-down", scope: inScroll, keys: []string{"]", "}"}, label: "next prompt", help: "next prompt", run: onScroll(func(m *Model, _ *shell, b *scrollback) tea.Cmd { return m.toPrompt(b, false) })},
	}
	table = append(table, scrollMoves()...)
	return append(table,
		action{id: "scroll-clear", scope: inScroll, keys: []string{"esc"}, label: "clear", help: "select nothing, else search nothing, else leave", run: onScroll(clearOrLeave)},
		action{id: "scroll-leave", scope: inScroll, keys: []string{"q", "ctrl+c"}, label: "back", foot: 1, help: "back to the shell as it is now", run: onScroll(leaveScroll)},
		action{id: "scroll-help", scope: inScroll, keys: []string{"f1"}, label: "keys", foot: 2, help: "all keys", run: (*Model).openHelp},
	)
}

// scrollMoves are the keys that move the cursor.
func scrollMoves() []action {
	move := func(id, label, help string, f func(b *scrollback), keys ...string) action {
		return action{id: "scroll-" + id, scope: inScroll, keys: keys, label: label, help: help, run: onScroll(func(_ *Model, _ *shell, b *scrollback) tea.Cmd {
			f(b)
			return nil
		})}
	}
	page := func(b *scrollback) int { return b.term.Size().H }
	end := move("end", "end", "last line, with what the shell has printed since", nil, "G", "end")
	end.run = onScroll(scrollToEnd)
	return []action{
		move("up", "up", "a line up", func(b *scrollback) { b.moveBy(-1) }, "k", "up"),
		move("down", "down", "a line down", func(b *scrollback) { b.moveBy(1) }, "j", "down"),
		move("left", "left", "a character to the left", func(b *scrollback) { b.put(b.beside(false)) }, "h", "left"),
		move("right", "right", "a character to the right", func(b *scrollback) { b.put(b.beside(true)) }, "l", "right"),
		move("half-up", "half up", "half a page up", func(b *scrollback) { b.scrollBy(-page(b) / 2) }, "ctrl+u"),
		move("half-down", "half down", "half a page down", func(b *scrollback) { b.scrollBy(page(b) / 2) }, "ctrl+d"),
		move("page-up", "page up", "a page up", func(b *scrollback) { b.scrollBy(-page(b)) }, "pgup", "ctrl+b"),
		move("page-down", "page down", "a page down", func(b *scrollback) { b.scrollBy(page(b)) }, "pgdown", "ctrl+f"),
		move("space", "page down", "a page down, as in less", func(b *scrollback) { b.scrollBy(page(b)) }, "space"),
		move("top", "top", "first line there is", func(b *scrollback) { b.put(point{b.first(), 0}) }, "g", "home"),
		end,
		move("word", "word", "next word", func(b *scrollback) { b.put(b.nextWord()) }, "w"),
		move("word-before", "word before", "word before", func(b *scrollback) { b.put(b.wordBefore()) }, "b"),
		move("word-end", "word end", "end of the word", func(b *scrollback) { b.put(b.wordEnd()) }, "e"),
		move("line-begin", "begin", "begin of the line", func(b *scrollback) { b.put(point{b.term.Begin(b.at.y), 0}) }, "0", "^"),
		move("line-end", "end of line", "end of the line", (*scrollback).toLineEnd, "$"),
	}
}

func find(up bool) func(*Model) tea.Cmd {
	return onScroll(func(m *Model, s *shell, _ *scrollback) tea.Cmd { return m.openFind(s, up) })
}

// choose begins to select in a shape, changes the shape, or ends selecting.
func choose(as shape) func(*Model) tea.Cmd {
	return onScroll(func(_ *Model, _ *shell, b *scrollback) tea.Cmd {
		switch {
		case b.sel == nil:
			b.sel = &selection{as, b.at}
		case b.sel.shape == as:
			b.sel = nil
		default:
			b.sel.shape = as
		}
		return nil
	})
}

func otherEnd(_ *Model, _ *shell, b *scrollback) tea.Cmd {
	if b.sel != nil {
		from := b.sel.from
		b.sel.from = b.at
		b.put(from)
	}
	return nil
}

func copySelected(m *Model, s *shell, b *scrollback) tea.Cmd {
	if b.sel == nil {
		return m.openCopyOf(s, false)
	}
	cmd := m.copyStretch("the selection", b, b.selected())
	b.sel = nil
	return cmd
}

func copyLine(m *Model, _ *shell, b *scrollback) tea.Cmd {
	b.sel = nil
	return m.copyStretch("the line", b, stretch{byLines, b.at, b.at}.whole(b.term))
}

func copyAndLeave(m *Model, s *shell, b *scrollback) tea.Cmd {
	var cmd tea.Cmd
	if b.sel != nil {
		cmd = copySelected(m, s, b)
	}
	s.scroll = nil
	return cmd
}

func saveSelected(m *Model, s *shell, b *scrollback) tea.Cmd {
	if b.sel == nil {
		return m.openCopyOf(s, true)
	}
	cmd := read(copiedMsg{what: "the selection", shell: s, save: true}, b, b.selected())
	b.sel = nil
	return cmd
}

func clearOrLeave(_ *Model, s *shell, b *scrollback) tea.Cmd {
	switch {
	case b.sel != nil:
		b.sel = nil
	case b.find != nil:
		b.find = nil
	default:
		s.scroll = nil
	}
	return nil
}

func leaveScroll(_ *Model, s *shell, _ *scrollback) tea.Cmd {
	s.scroll = nil
	return nil
}

// scrollToEnd goes to the last line. If nothing is selected, what was printed since is there too.
func scrollToEnd(_ *Model, s *shell, b *scrollback) tea.Cmd {
	if b.sel == nil {
		b.take(s.pane)
		if b.find != nil {
			b.searchAgain(b.find)
		}
	}
	b.put(point{b.last(), 0})
	return nil
}

// toPrompt goes to the prompt before the cursor, or the next.
func (m *Model) toPrompt(b *scrollback, up bool) tea.Cmd {
	rows := b.term.Prompts()
	to, found := 0, false
	for _, y := range rows {
		if up && y < b.at.y {
			to, found = y, true
		} else if !up && y > b.at.y {
			to, found = y, true
			break
		}
	}
	switch {
	case len(rows) == 0:
		return m.note("the shell marks no prompts (OSC 133)")
	case !found && up:
		return m.note("this is the first prompt")
	case !found:
		return m.note("this is the last prompt")
	}
	if to < b.top || to >= b.top+b.term.Size().H {
		b.scrollTo(to) // with what was printed below it
	}
	b.put(point{to, 0})
	return nil
}

// beside returns the character before or after the cursor; what was wrapped goes on in another row.
func (b *scrollback) beside(after bool) point {
	at := b.at
	switch {
	case after && at.x < b.lineEnd(at.y):
		at.x++
		if b.term.Cell(at.x, at.y).Width == 0 {
			at.x++
		}
	case after && b.term.Wrapped(at.y):
		return point{at.y + 1, 0}
	case !after && at.x > 0:
		at.x--
	case !after && at.y > b.first() && b.term.Wrapped(at.y-1):
		return point{at.y - 1, b.lineEnd(at.y - 1)}
	}
	return at
}

// toLineEnd goes to the last character of a line that may be wrapped.
func (b *scrollback) toLineEnd() {
	y := b.at.y
	for y < b.last() && b.term.Wrapped(y) {
		y++
	}
	b.put(point{y, b.lineEnd(y)})
}

// words are the words of the paragraph that begins at row y, by their first and last cells: what is
// between blanks.
func (b *scrollback) wordsOf(y int) (words []stretch, rows int) {
	var p term.Paragraph
	b.term.ReadParagraph(y, &p)
	at := func(i int) point { return point{y + int(p.Cells[i].Row), int(p.Cells[i].Col)} }
	for i := range p.Text {
		if p.Text[i] == ' ' {
			continue
		}
		if i == 0 || p.Text[i-1] == ' ' {
			words = append(words, stretch{from: at(i)})
		}
		words[len(words)-1].to = at(i)
	}
	return words, p.Rows
}

// nextWord returns the begin of the next word, the cursor if there is none.
func (b *scrollback) nextWord() point {
	return b.seekWord(func(w stretch) point { return w.from })
}

// wordEnd returns the next end of a word.
func (b *scrollback) wordEnd() point {
	return b.seekWord(func(w stretch) point { return w.to })
}

// seekWord returns the first end of a word after the cursor.
func (b *scrollback) seekWord(end func(stretch) point) point {
	for y := b.term.Begin(b.at.y); y <= b.last(); {
		words, rows := b.wordsOf(y)
		for _, w := range words {
			if b.at.before(end(w)) {
				return end(w)
			}
		}
		y += rows
	}
	return b.at
}

// wordBefore returns the last begin of a word before the cursor.
func (b *scrollback) wordBefore() point {
	for y := b.term.Begin(b.at.y); ; y = b.term.Begin(y - 1) {
		words, _ := b.wordsOf(y)
		for _, w := range slices.Backward(words) {
			if w.from.before(b.at) {
				return w.from
			}
		}
		if y <= b.first() {
			return b.at
		}
	}
}
