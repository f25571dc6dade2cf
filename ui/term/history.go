package term

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// history holds the lines that left the top of the screen in a ring, oldest first, each packed to
// what it needs: most lines are plain text and take a few bytes more than that. Buffers of dropped
// lines are used again.
type history struct {
	lines   []packed // grows up to limit, then turns
	first   int      // index of the oldest line in lines
	n       int
	limit   int
	bytes   int // capacity of all buffers
	pushed  uint64
	scratch []byte
}

// packed is a row without its trailing blanks: runs of cells with one style, each a byte of flags,
// the number of cells in two, the fields of the style that are not zero, and the characters.
type packed struct {
	data    []byte
	cells   int32
	wrapped bool
	sealed  bool // the screen was erased after it: a screen that grows takes back only what came later
	shared  bool // another history has the same bytes: they are not written to
	prompts prompts
}

// Flags of a run: the fields that follow.
const (
	runFG = 1 << iota
	runBG
	runAttr
	runExtra
	runRepeat // its one character takes all cells
)

// Bytes that do not occur in UTF-8, before a character.
const (
	packedWide    = 0xfe // it takes two cells
	packedCluster = 0xff // a number of a cluster follows
)

func newHistory(limit int) history { return history{limit: limit} }

// at returns line i, counted from the oldest.
func (h *history) at(i int) *packed {
	if i += h.first; i >= len(h.lines) {
		i -= len(h.lines)
	}
	return &h.lines[i]
}

// turn makes the second oldest line the oldest.
func (h *history) turn() {
	if h.first++; h.first == len(h.lines) {
		h.first = 0
	}
}

// push adds a line. The oldest one goes when the history has its number of lines or bytes.
func (h *history) push(r *row) {
	h.pushed++
	if h.limit == 0 {
		return
	}
	h.scratch = packRow(h.scratch[:0], r)
	n := r.used
	if r.rest != (cell{}) {
		n = len(r.cells)
	}
	h.add(h.scratch, int32(n), r.wrapped, r.prompts)
	for h.n > 1 && h.bytes > h.limit*historyBytes {
		h.drop()
	}
}

// add adds a packed line, copying it into the buffer of the line it replaces where that fits.
func (h *history) add(data []byte, cells int32, wrapped bool, p prompts) {
	switch {
	case h.n < len(h.lines):
		h.n++
	case h.n < h.limit:
		h.grow()
		h.n++
	default:
		h.turn()
	}
	line := h.at(h.n - 1)
	line.cells, line.wrapped, line.sealed, line.prompts = cells, wrapped, false, p
	if c := cap(line.data); line.shared || c < len(data) || c > 2*len(data)+256 {
		h.bytes -= c
		line.data, line.shared = make([]byte, 0, (len(data)+31)&^31), false
		h.bytes += cap(line.data)
	}
	line.data = append(line.data[:0], data...)
}

// grow doubles the ring up to its limit, oldest line first.
func (h *history) grow() {
	lines := make([]packed, min(max(2*len(h.lines), 64), h.limit))
	for i := range h.n {
		lines[i] = *h.at(i)
	}
	h.lines, h.first = lines, 0
}

// drop forgets the oldest line.
func (h *history) drop() {
	line := h.at(0)
	h.bytes -= cap(line.data)
	*line = packed{}
	h.turn()
	h.n--
}

// pop removes the newest line and appends its cells to dst.
func (h *history) pop(dst []cell) (cells []cell, wrapped bool, p prompts) {
	line := h.at(h.n - 1)
	cells, wrapped, p = line.unpack(dst), line.wrapped, line.prompts
	h.bytes -= cap(line.data)
	*line = packed{}
	h.n--
	return cells, wrapped, p
}

// breakLast ends the newest line, which went on in the screen.
func (h *history) breakLast() {
	if h.n > 0 {
		h.at(h.n - 1).wrapped = false
	}
}

// seal ends the newest line for good.
func (h *history) seal() {
	h.breakLast()
	if h.n > 0 {
		h.at(h.n - 1).sealed = true
	}
}

// unsealed returns how many of the newest lines up to n a screen may take back.
func (h *history) unsealed(n int) int {
	n = min(n, h.n)
	for i := range n {
		if h.at(h.n - 1 - i).sealed {
			return i
		}
	}
	return n
}

// clear forgets everything and returns the memory. What was counted stays counted.
func (h *history) clear() { *h = history{limit: h.limit, pushed: h.pushed} }

// packRow appends the packed form of a row.
func packRow(dst []byte, r *row) []byte {
	dst = pack(dst, r.cells[:r.used])
	if n := len(r.cells) - r.used; n > 0 && r.rest != (cell{}) {
		dst = packRest(dst, r.rest, n)
	}
	return dst
}

// pack appends the packed form of cells, which hold whole wide characters only.
func pack(dst []byte, cells []cell) []byte {
	for i := 0; i < len(cells); {
		first := cells[i]
		first.attr &^= widthMask
		head := len(dst)
		dst = packStyle(dst, first)
		start := i
		for ; i < len(cells); i++ {
			c := &cells[i]
			if c.attr&^widthMask != first.attr || c.fg != first.fg || c.bg != first.bg || c.extra != first.extra {
				break
			}
			if uint32(c.r) < utf8.RuneSelf && c.attr&widthMask == 0 {
				dst = append(dst, byte(c.r))
			} else if !c.isTail() {
				dst = packRune(dst, c)
			}
		}
		binary.LittleEndian.PutUint16(dst[head+1:], uint16(i-start))
	}
	return dst
}

// packRest appends the packed form of n cells that are alike.
func packRest(dst []byte, c cell, n int) []byte {
	head := len(dst)
	dst = packRune(packStyle(dst, c), &c)
	dst[head] |= runRepeat
	binary.LittleEndian.PutUint16(dst[head+1:], uint16(n))
	return dst
}

// packStyle appends the head of a run, with no cells yet.
func packStyle(dst []byte, c cell) []byte {
	at := len(dst)
	var flags byte
	dst = append(dst, 0, 0, 0)
	if c.fg != 0 {
		flags |= runFG
		dst = binary.LittleEndian.AppendUint32(dst, uint32(c.fg))
	}
	if c.bg != 0 {
		flags |= runBG
		dst = binary.LittleEndian.AppendUint32(dst, uint32(c.bg))
	}
	if c.attr != 0 {
		flags |= runAttr
		dst = binary.LittleEndian.AppendUint16(dst, uint16(c.attr))
	}
	if c.extra != 0 {
		flags |= runExtra
		dst = binary.LittleEndian.AppendUint16(dst, c.extra)
	}
	dst[at] = flags
	return dst
}

func packRune(dst []byte, c *cell) []byte {
	if c.attr&wide != 0 {
		dst = append(dst, packedWide)
	}
	if c.r < 0 {
		return binary.AppendUvarint(append(dst, packedCluster), uint64(^c.r))
	}
	return utf8.AppendRune(dst, c.r)
}

// unpack appends the cells of the line to dst.
func (p *packed) unpack(dst []cell) []cell {
	data := p.data
	for len(data) > 0 {
		var c cell
		flags := data[0]
		count := binary.LittleEndian.Uint16(data[1:])
		data = data[3:]
		if flags&runFG != 0 {
			c.fg, data = color(binary.LittleEndian.Uint32(data)), data[4:]
		}
		if flags&runBG != 0 {
			c.bg, data = color(binary.LittleEndian.Uint32(data)), data[4:]
		}
		if flags&runAttr != 0 {
			c.attr, data = attr(binary.LittleEndian.Uint16(data)), data[2:]
		}
		if flags&runExtra != 0 {
			c.extra, data = binary.LittleEndian.Uint16(data), data[2:]
		}
		if flags&runRepeat == 0 {
			dst, data = unpackRunes(dst, data, c, int(count))
			continue
		}
		dst, data = unpackRunes(dst, data, c, 1)
		at := len(dst) - 1
		dst = slices.Grow(dst, int(count)-1)[:at+int(count)]
		fillCells(dst[at:], dst[at])
	}
	return dst
}

func unpackRunes(dst []cell, data []byte, c cell, n int) ([]cell, []byte) {
	for n > 0 {
		next := c
		if data[0] == packedWide {
			next.attr |= wide
			data = data[1:]
		}
		switch b := data[0]; {
		case b < utf8.RuneSelf:
			next.r, data = rune(b), data[1:]
		case b == packedCluster:
			id, size := binary.Uvarint(data[1:])
			next.r, data = ^rune(id), data[1+size:]
		default:
			r, size := utf8.DecodeRune(data)
			next.r, data = r, data[size:]
		}
		dst = append(dst, next)
		n--
		if next.attr&wide != 0 {
			half := c
			half.attr |= tail
			dst = append(dst, half)
			n--
		}
	}
	return dst, data
}
