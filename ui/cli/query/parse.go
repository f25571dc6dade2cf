package query

import (
	"errors"
	"fmt"
	"regexp"
)

// Limits of an expression, far beyond what anybody writes.
const (
	maxBytes = 64 << 10
	maxDepth = 500 // of parentheses and negations, and of operators in a row
)

// Type is what a column holds.
type Type uint8

// The types of columns and of what is written in an expression.
const (
	String Type = iota
	Number      // not negative, 64 bits
	Float
	Bool
	List // several texts with Separator between them: what is true of one of them is true of it
)

// Separator parts the values of a List, as it does in package sheet.
const Separator = "\x00"

// Columns finds a column by its name. It returns the number the column has for [Query.Match].
type Columns func(name string) (index int, typ Type, ok bool)

// Query is an expression that was understood. It may be used by several goroutines.
type Query struct {
	root    *node
	columns []int
}

// node is an operand, or an operator with what it stands between.
type node struct {
	what        what
	op          op
	left, right *node // of a negation only right
	value       value // of a literal; of a column its type
	column      int
	name        string // of the column
	pattern     *regexp.Regexp
	depth       int
}

type what uint8

const (
	isLiteral what = iota
	isColumn
	isNot
	isOp
)

// Parse understands an expression. Its errors say at which byte of it, from 1 on, something else was
// expected.
func Parse(expr string, columns Columns) (*Query, error) {
	if len(expr) > maxBytes {
		return nil, fmt.Errorf("an expression of %d bytes is too long: want at most %d", len(expr), maxBytes)
	}
	p := parser{lexer: lexer{text: expr}, find: columns}
	if err := p.advance(); err != nil {
		return nil, err
	}
	root, err := p.logic()
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.unexpected("an operator or the end")
	}
	return &Query{root: root, columns: p.columns}, nil
}

// Columns returns the numbers of the columns the expression asks for, in the order it names them.
func (q *Query) Columns() []int { return q.columns }

// parser reads an expression with one token in hand.
type parser struct {
	lexer   lexer
	token   token
	find    Columns
	columns []int
	depth   int
}

func (p *parser) advance() (err error) {
	p.token, err = p.lexer.next()
	return err
}

// unexpected returns an error about the token in hand.
func (p *parser) unexpected(want string) error {
	if p.token.kind == end {
		return p.lexer.errorf(p.token.at, "the expression ends, want %s", want)
	}
	return p.lexer.errorf(p.token.at, "unexpected %q, want %s", p.token.text, want)
}

// logic reads comparisons with "and" and "or" between them.
func (p *parser) logic() (*node, error) {
	left, err := p.comparison()
	for err == nil && p.token.kind == operator && p.token.op <= opOr {
		left, err = p.behind(left, p.comparison)
	}
	return left, err
}

// comparison reads operands with comparisons between them.
func (p *parser) comparison() (*node, error) {
	left, err := p.operand()
	for err == nil && p.token.kind == operator && p.token.op > opOr {
		left, err = p.behind(left, p.operand)
	}
	return left, err
}

// behind reads an operator and what stands to its right.
func (p *parser) behind(left *node, read func() (*node, error)) (*node, error) {
	sign := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	at := p.token.at
	right, err := read()
	if err != nil {
		return nil, err
	}
	n := &node{what: isOp, op: sign.op, left: left, right: right, depth: max(left.depth, right.depth) + 1}
	if n.depth > maxDepth {
		return nil, p.lexer.errorf(sign.at, "too many operators: want at most %d in a row", maxDepth)
	}
	if sign.op != opMatch && sign.op != opNoMatch {
		return n, nil
	}
	if right.what != isLiteral || right.value.typ != String {
		return nil, p.lexer.errorf(at, `want a regular expression in quotes behind %s`, sign.text)
	}
	// (?s) lets . match a newline, as it does for regexec(3).
	if n.pattern, err = regexp.Compile("(?s)" + right.value.text); err != nil {
		return nil, p.lexer.errorf(at, "regular expression %q: %s", right.value.text, reasonOf(err))
	}
	return n, nil
}

// reasonOf returns what is wrong with a regular expression.
func reasonOf(err error) string {
	if bad, ok := errors.AsType[*syntaxError](err); ok {
		return bad.Code.String()
	}
	return err.Error()
}

// operand reads a name, a literal, a negation or an expression in parentheses.
func (p *parser) operand() (*node, error) {
	t := p.token
	if p.depth++; p.depth > maxDepth {
		return nil, p.lexer.errorf(t.at, "too deep: want at most %d parentheses and negations", maxDepth)
	}
	defer func() { p.depth-- }()
	switch t.kind {
	case literal:
		return &node{what: isLiteral, value: t.value}, p.advance()
	case name:
		column, typ, ok := p.find(t.text)
		if !ok {
			return nil, p.lexer.errorf(t.at, "unknown column %s", t.text)
		}
		p.columns = append(p.columns, column)
		return &node{what: isColumn, column: column, name: t.text, value: value{typ: typ}}, p.advance()
	case negation:
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := p.operand()
		if err != nil {
			return nil, err
		}
		return &node{what: isNot, right: right, depth: right.depth + 1}, nil
	case open:
		return p.parentheses()
	default:
		return nil, p.unexpected("a column, a number, a string in quotes, true, false, ! or (")
	}
}

func (p *parser) parentheses() (*node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	inner, err := p.logic()
	if err != nil {
		return nil, err
	}
	if p.token.kind != closed {
		return nil, p.unexpected("an operator or )")
	}
	return inner, p.advance()
}
