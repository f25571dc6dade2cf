package term

import "unicode/utf8"

// handler is what a parser tells what it found.
type handler interface {
	text(run []byte) // printable ASCII, never empty
	print(r rune)    // a character above ASCII
	control(c byte)  // C0, without ESC, CAN and SUB
	escape(s *sequence)
	csi(s *sequence)
	osc(data []byte)
	dcs(s *sequence, data []byte)
}

// sequence is a control sequence without its introducer.
type sequence struct {
	private byte // one of < = > ?, or 0
	inter   byte // the intermediate, or 0
	final   byte
	n       int              // number of values
	vals    [maxParams]int32 // -1 where nothing was written
	subs    uint32           // bit i: value i follows a colon
}

// param returns value i, and def if it was not given.
func (s *sequence) param(i, def int) int {
	if i >= s.n || s.vals[i] < 0 {
		return def
	}
	return int(s.vals[i])
}

// count returns value i where 0 and nothing mean 1.
func (s *sequence) count(i int) int { return max(s.param(i, 1), 1) }

// sub reports whether value i follows a colon.
func (s *sequence) sub(i int) bool { return i < s.n && s.subs&(1<<i) != 0 }

// is reports whether the sequence has these marks.
func (s *sequence) is(private, inter byte) bool { return s.private == private && s.inter == inter }

type state uint8

const (
	ground      state = iota
	inEscape          // after ESC
	inCSI             // in the parameters or intermediates of CSI
	inCSIIgnore       // in a CSI that cannot be meant
	inOSC             // in the payload of an OSC
	inDCSHead         // as inCSI, of DCS
	inDCS             // in the payload of a DCS
	inIgnored         // in a string nobody reads: SOS, PM, APC, malformed DCS
)

// parser splits a stream of bytes into text and control sequences, following the state machine of
// Paul Williams with UTF-8 in place of eight-bit controls: bytes above 0x7f are only ever parts of
// characters, so a title in UTF-8 cannot end early. Strings end at BEL or ESC \. The parser holds
// whatever a Write ended in the middle of.
type parser struct {
	state   state
	seq     sequence
	ignore  bool // the escape sequence has more intermediates than any known one
	digits  bool // the last value has been begun
	strEsc  bool // an ESC inside a string: its end, or the start of something else
	bell    bool // the string ended with BEL
	over    bool // the string is longer than its limit and will be dropped
	buf     []byte
	part    [utf8.UTFMax]byte // the start of a character
	partLen int
	work    int // cells the handler went through in this call of feed, as it counts
}

// feed parses until the handler has done its share of work, and returns how many bytes that took.
func (p *parser) feed(data []byte, h handler) int {
	all := len(data)
	for len(data) > 0 && p.work < maxWork {
		n := 1
		switch p.state {
		case ground:
			n = p.ground(data, h)
		case inOSC, inDCS, inIgnored:
			n = p.str(data, h)
		default:
			if data[0] >= utf8.RuneSelf {
				p.state, n = ground, 0 // no sequence goes on like this; the text does
			} else {
				p.step(data[0], h)
			}
		}
		data = data[n:]
	}
	p.work = 0
	return all - len(data)
}

// ground consumes a run of text, one control or one character, and returns its length.
func (p *parser) ground(data []byte, h handler) int {
	if p.partLen > 0 {
		return p.resume(data[0], h)
	}
	n := 0
	for n < len(data) && data[n]-0x20 < 0x5f {
		n++
	}
	if n > 0 {
		h.text(data[:n])
		return n
	}
	switch c := data[0]; {
	case c == 0x1b:
		p.enter(inEscape)
	case c == 0x18, c == 0x1a, c == 0x7f:
	case c < 0x20:
		h.control(c)
	default:
		return p.character(data, h)
	}
	return 1
}

// character consumes the character data starts with, or keeps its beginning for the next call.
// What is not UTF-8 is dropped.
func (p *parser) character(data []byte, h handler) int {
	r, size := utf8.DecodeRune(data)
	if r != utf8.RuneError || size > 1 {
		p.emit(r, h)
		return size
	}
	if !utf8.FullRune(data) {
		p.partLen = copy(p.part[:], data)
		return len(data)
	}
	return 1
}

// resume goes on with a character that was cut between two calls.
func (p *parser) resume(c byte, h handler) int {
	if utf8.RuneStart(c) {
		p.partLen = 0
		return 0
	}
	p.part[p.partLen] = c
	p.partLen++
	if whole := p.part[:p.partLen]; utf8.FullRune(whole) {
		p.partLen = 0
		if r, size := utf8.DecodeRune(whole); size > 1 {
			p.emit(r, h)
		}
	}
	return 1
}

// emit hands on a character. U+0080 to U+009F are the C1 controls, which mean ESC and a letter.
func (p *parser) emit(r rune, h handler) {
	if r >= 0xa0 {
		h.print(r)
		return
	}
	p.enter(inEscape)
	p.step(byte(r-0x40), h)
}

// enter starts a new sequence.
func (p *parser) enter(s state) {
	p.state = s
	p.seq.private, p.seq.inter, p.seq.n, p.seq.subs = 0, 0, 0, 0
	p.ignore, p.digits = false, false
}

// enterString starts the payload of a string.
func (p *parser) enterString(s state) {
	p.state = s
	p.buf, p.over, p.strEsc, p.bell = p.buf[:0], false, false, false
}

// step consumes one byte inside an escape sequence.
func (p *parser) step(c byte, h handler) {
	switch {
	case c == 0x1b:
		p.enter(inEscape)
	case c == 0x18, c == 0x1a:
		p.state = ground
	case c == 0x7f:
	case c < 0x20:
		if p.state != inDCSHead {
			h.control(c)
		}
	case p.state == inEscape:
		p.stepEscape(c, h)
	case p.state == inCSIIgnore:
		if c >= 0x40 {
			p.state = ground
		}
	default:
		p.stepParams(c, h)
	}
}

func (p *parser) stepEscape(c byte, h handler) {
	switch {
	case c < 0x30:
		p.ignore = p.ignore || p.seq.inter != 0
		p.seq.inter = c
		return
	case p.seq.inter == 0:
		switch c {
		case '[':
			p.enter(inCSI)
			return
		case ']':
			p.enterString(inOSC)
			return
		case 'P':
			p.enter(inDCSHead)
			return
		case 'X', '^', '_':
			p.enterString(inIgnored)
			return
		}
	}
	p.state = ground
	if !p.ignore {
		p.seq.final = c
		h.escape(&p.seq)
	}
}

// stepParams consumes a byte of a CSI or of the head of a DCS.
func (p *parser) stepParams(c byte, h handler) {
	s := &p.seq
	switch {
	case c >= '0' && c <= '9' && s.inter == 0:
		p.digit(c)
	case (c == ';' || c == ':') && s.inter == 0:
		p.separator(c == ':')
	case c >= '<' && c <= '?' && s.inter == 0 && s.private == 0 && s.n == 0 && !p.digits:
		s.private = c
	case c < 0x30:
		if s.inter != 0 {
			p.ignore = true
		}
		s.inter = c
	case c < 0x40:
		p.ignore = true
	case p.state == inDCSHead:
		s.final = c
		if p.ignore {
			p.enterString(inIgnored)
		} else {
			p.enterString(inDCS)
		}
		return
	default:
		s.final = c
		p.state = ground
		if !p.ignore {
			h.csi(s)
		}
		return
	}
	if p.ignore && p.state == inCSI {
		p.state = inCSIIgnore
	}
}

func (p *parser) digit(c byte) {
	s := &p.seq
	if s.n == 0 {
		s.n, s.vals[0] = 1, -1
	}
	p.digits = true
	v := &s.vals[s.n-1]
	*v = min(max(*v, 0)*10+int32(c-'0'), maxParamValue)
}

// separator ends a value and begins the next; values beyond the limit are dropped.
func (p *parser) separator(colon bool) {
	s := &p.seq
	if s.n == 0 {
		s.n, s.vals[0] = 1, -1
	}
	if s.n == maxParams {
		p.ignore = true // longer than any real one; cut short it would mean something else
		return
	}
	s.vals[s.n] = -1
	if colon {
		s.subs |= 1 << s.n
	}
	s.n++
}

// str consumes bytes of the payload of a string and its end.
func (p *parser) str(data []byte, h handler) int {
	if p.strEsc {
		p.strEsc = false
		if data[0] == '\\' {
			p.endString(h)
			return 1
		}
		p.enter(inEscape)
		return 0
	}
	n := 0
	for n < len(data) && data[n] >= 0x20 {
		n++
	}
	if n > 0 {
		p.collect(data[:n])
		return n
	}
	switch data[0] {
	case 0x07:
		p.bell = true
		p.endString(h)
	case 0x1b:
		p.strEsc = true
	case 0x18, 0x1a:
		p.state = ground
	}
	return 1
}

func (p *parser) collect(data []byte) {
	switch {
	case p.state == inIgnored || p.over:
	case len(p.buf)+len(data) > maxString:
		p.over = true
	default:
		p.buf = append(p.buf, data...)
	}
}

func (p *parser) endString(h handler) {
	was := p.state
	p.state = ground
	switch {
	case p.over:
	case was == inOSC:
		h.osc(p.buf)
	case was == inDCS:
		h.dcs(&p.seq, p.buf)
	}
}
