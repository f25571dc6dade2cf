package sheet

import (
	"bufio"
	"strings"
)

// printJSON writes the table as JSON. The children of a line are its last member, "children".
func (s *Sheet) printJSON(out *bufio.Writer) {
	j := jsonWriter{out: out, pretty: s.Format == JSON}
	keys := make([]string, len(s.Columns))
	for c := range s.Columns {
		keys[c] = strings.ToLower(s.Columns[c].Name)
	}
	if s.Format != JSONLines {
		j.put("{", "{\n")
		j.indent++
		j.key(s.Name)
		j.put("[", "[\n")
		j.indent++
	}
	depth := -1 // of the object that is open
	for w := s.walk(); w.next(); {
		switch {
		case depth < 0:
			j.tabs()
		case w.depth() > depth:
			j.put(",", ",\n")
			j.key("children")
			j.put("[", "[\n")
			j.indent++
			j.tabs()
		default:
			j.closeObjects(depth - w.depth())
			if s.Format == JSONLines && w.depth() == 0 {
				j.put("\n", "")
			} else {
				j.put(",", ",")
			}
		}
		depth = w.depth()
		s.printObject(&j, keys, s.rows[w.at].cells)
	}
	if depth >= 0 {
		j.closeObjects(depth)
	}
	switch {
	case s.Format != JSONLines:
		j.closeBracket("]")
		j.closeBracket("}")
		fallthrough
	case depth >= 0:
		j.put("\n", "\n")
	}
}

// printObject opens an object and writes its members.
func (s *Sheet) printObject(j *jsonWriter, keys, cells []string) {
	j.put("{", "{\n")
	j.indent++
	for c, cell := range cells {
		if c > 0 {
			j.put(",", ",\n")
		}
		j.key(keys[c])
		switch typ := s.Columns[c].Type; {
		case typ == List:
			j.list(cell)
		case cell == "":
			_, _ = j.out.WriteString("null")
		case typ == Number:
			_, _ = j.out.WriteString(cell)
		default:
			writeString(j.out, s.text(c, cell))
		}
	}
}

// jsonWriter writes JSON with the line breaks libsmartcols has, or none.
type jsonWriter struct {
	out    *bufio.Writer // it keeps its first error: see Sheet.Print
	pretty bool
	indent int
}

// put writes one of two texts.
func (j *jsonWriter) put(compact, pretty string) {
	if j.pretty {
		compact = pretty
	}
	_, _ = j.out.WriteString(compact)
}

func (j *jsonWriter) tabs() {
	if j.pretty {
		for range j.indent {
			_, _ = j.out.WriteString("   ")
		}
	}
}

func (j *jsonWriter) key(name string) {
	j.tabs()
	writeString(j.out, name)
	j.put(":", ": ")
}

func (j *jsonWriter) list(cell string) {
	_ = j.out.WriteByte('[')
	if cell != "" {
		n := 0
		for value := range strings.SplitSeq(cell, Separator) {
			if n++; n > 1 {
				j.put(",", ", ")
			}
			writeString(j.out, value)
		}
	}
	_ = j.out.WriteByte(']')
}

// closeBracket ends an array or an object.
func (j *jsonWriter) closeBracket(bracket string) {
	j.indent--
	j.put("", "\n")
	j.tabs()
	_, _ = j.out.WriteString(bracket)
}

// closeObjects ends the open object and those above it, with the arrays of children they are in.
func (j *jsonWriter) closeObjects(above int) {
	j.closeBracket("}")
	for range above {
		j.closeBracket("]")
		j.closeBracket("}")
	}
}
