package query

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// kind says what a token is.
type kind uint8

const (
	end kind = iota
	name
	literal // a string, a number or a boolean
	open
	closed
	operator
	negation
)

// token is a word of an expression.
type token struct {
	kind  kind
	at    int // of its first byte
	text  string
	value value // of a literal
	op    op
}

// op is an operator between two operands.
type op uint8

const (
	opAnd op = iota
	opOr
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opMatch
	opNoMatch
)

// signs are the operators written with signs, the longer before those they begin with.
var signs = []struct {
	text string
	kind kind
	op   op
}{
	{"&&", operator, opAnd},
	{"||", operator, opOr},
	{"==", operator, opEq},
	{"!=", operator, opNe},
	{"=~", operator, opMatch},
	{"!~", operator, opNoMatch},
	{"<=", operator, opLe},
	{">=", operator, opGe},
	{"<", operator, opLt},
	{">", operator, opGt},
	{"!", negation, 0},
	{"(", open, 0},
	{")", closed, 0},
}

// words are those that are no names, in lower case. They are written so or in upper case.
var words = map[string]token{
	"and":   {kind: operator, op: opAnd},
	"or":    {kind: operator, op: opOr},
	"eq":    {kind: operator, op: opEq},
	"ne":    {kind: operator, op: opNe},
	"lt":    {kind: operator, op: opLt},
	"le":    {kind: operator, op: opLe},
	"gt":    {kind: operator, op: opGt},
	"ge":    {kind: operator, op: opGe},
	"not":   {kind: negation},
	"true":  {kind: literal, value: value{typ: Bool, boolean: true}},
	"false": {kind: literal, value: value{typ: Bool}},
}

// lexer cuts an expression into tokens.
type lexer struct {
	text string
	at   int
}

// next returns the next token, one of kind end at the end.
func (l *lexer) next() (token, error) {
	for l.at < len(l.text) && strings.IndexByte(" \t\n", l.text[l.at]) >= 0 {
		l.at++
	}
	if l.at == len(l.text) {
		return token{kind: end, at: l.at}, nil
	}
	rest := l.text[l.at:]
	for i := range signs {
		if s := &signs[i]; strings.HasPrefix(rest, s.text) {
			return l.take(token{kind: s.kind, op: s.op}, len(s.text)), nil
		}
	}
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		return l.quoted(c)
	case isDigit(c):
		return l.number()
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || strings.IndexByte("_.%:/-", rest[n]) >= 0) {
			n++
		}
		word := rest[:n]
		if t, ok := words[strings.ToLower(word)]; ok && (word == strings.ToLower(word) || word == strings.ToUpper(word)) {
			return l.take(t, n), nil
		}
		return l.take(token{kind: name}, n), nil
	default:
		return token{}, l.errorf(l.at, "unexpected %q", firstRune(rest))
	}
}

// take returns the token of the next n bytes.
func (l *lexer) take(t token, n int) token {
	t.at, t.text = l.at, l.text[l.at:l.at+n]
	l.at += n
	return t
}

// quoted reads a string. There is no way to write its quote or a newline in it. Space at its ends is
// none of it.
func (l *lexer) quoted(quote byte) (token, error) {
	text := l.text[l.at+1:]
	n := strings.IndexByte(text, quote)
	if n < 0 || strings.IndexByte(text[:n], '\n') >= 0 {
		return token{}, l.errorf(l.at, "the string that begins here does not end on its line with %c", quote)
	}
	return l.take(token{kind: literal, value: value{typ: String, text: trim(text[:n])}}, n+2), nil
}

// units are the suffixes of numbers: powers of 1024, with or without "iB" behind them.
const units = "KMGTPEZY"

// number reads 12, 1.5, 4K or 4KiB.
func (l *lexer) number() (token, error) {
	rest := l.text[l.at:]
	n := digits(rest)
	if n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) {
		n += 1 + digits(rest[n+1:])
		f, err := strconv.ParseFloat(rest[:n], 64)
		if err != nil {
			return token{}, l.errorf(l.at, "number %s is out of range", rest[:n])
		}
		return l.take(token{kind: literal, value: value{typ: Float, float: f}}, n), nil
	}
	u, err := strconv.ParseUint(rest[:n], 10, 64)
	if n < len(rest) {
		if power := strings.IndexByte(units, rest[n]); power >= 0 && err == nil {
			n++
			if strings.HasPrefix(rest[n:], "iB") {
				n += 2
			}
			shift := 10 * (power + 1)
			if bits.Len64(u)+shift > 64 && u != 0 {
				err = strconv.ErrRange
			}
			u <<= shift
		}
	}
	if err != nil {
		return token{}, l.errorf(l.at, "number %s is out of range", rest[:n])
	}
	return l.take(token{kind: literal, value: value{typ: Number, number: u}}, n), nil
}

// errorf returns an error that says where in the expression it is: at which byte, from 1 on.
func (l *lexer) errorf(at int, format string, args ...any) error {
	return fmt.Errorf("at %d: "+format, append([]any{at + 1}, args...)...)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// trim returns the text without the spaces around it, which count in no cell and no string.
func trim(s string) string { return strings.Trim(s, " \t\n\v\f\r") }
