package term

import "strconv"

// unfinished appends the bytes of what the parser is in the middle of, so that another one that reads them
// goes on as this one. What will be ignored however it ends is a string or a sequence nobody knows.
func (p *parser) unfinished(dst []byte) []byte {
	switch p.state {
	case inEscape:
		dst = append(dst, 0x1b)
		if p.seq.inter != 0 {
			dst = append(dst, p.seq.inter)
			if p.ignore {
				dst = append(dst, p.seq.inter)
			}
		}
	case inCSI:
		dst = p.seq.appendHead(append(dst, "\x1b["...))
	case inCSIIgnore:
		dst = append(dst, "\x1b[0<"...)
	case inDCSHead:
		dst = append(dst, "\x1bP"...)
		if p.ignore {
			dst = append(dst, "0<"...)
		} else {
			dst = p.seq.appendHead(dst)
		}
	case inOSC, inDCS, inIgnored:
		dst = p.unfinishedString(dst)
	}
	return append(dst, p.part[:p.partLen]...)
}

func (p *parser) unfinishedString(dst []byte) []byte {
	switch {
	case p.over || p.state == inIgnored:
		dst = append(dst, "\x1bX"...)
	case p.state == inOSC:
		dst = append(append(dst, "\x1b]"...), p.buf...)
	default:
		dst = append(p.seq.appendHead(append(dst, "\x1bP"...)), p.seq.final)
		dst = append(dst, p.buf...)
	}
	if p.strEsc {
		dst = append(dst, 0x1b)
	}
	return dst
}

// appendHead appends the mark, the values and the intermediate of a sequence.
func (s *sequence) appendHead(dst []byte) []byte {
	if s.private != 0 {
		dst = append(dst, s.private)
	}
	for i := range s.n {
		switch {
		case s.sub(i):
			dst = append(dst, ':')
		case i > 0:
			dst = append(dst, ';')
		}
		if s.vals[i] >= 0 {
			dst = strconv.AppendInt(dst, int64(s.vals[i]), 10)
		}
	}
	if s.inter != 0 {
		dst = append(dst, s.inter)
	}
	return dst
}
