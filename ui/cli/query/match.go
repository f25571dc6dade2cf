package query

import (
	"cmp"
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
)

// syntaxError is what regexp.Compile returns.
type syntaxError = syntax.Error

// value is an operand as it is compared. An empty one is the cell that holds nothing.
type value struct {
	typ     Type
	empty   bool
	text    string
	number  uint64
	float   float64
	boolean bool
}

// Match reports whether the expression is true of a line. cell returns the text of a column by its
// number, "" where there is none. It fails where text is compared to what it cannot be.
func (q *Query) Match(cell func(column int) string) (bool, error) {
	return matcher{cell}.truth(q.root)
}

// matcher evaluates one line. What it calls itself for is bounded by maxDepth.
type matcher struct{ cell func(column int) string }

// truth evaluates an operand or an operator.
func (m matcher) truth(n *node) (bool, error) {
	switch {
	case n.what == isNot:
		ok, err := m.truth(n.right)
		return !ok, err
	case n.what == isOp && n.op == opAnd:
		ok, err := m.truth(n.left)
		if !ok || err != nil {
			return false, err
		}
		return m.truth(n.right)
	case n.what == isOp && n.op == opOr:
		ok, err := m.truth(n.left)
		if ok || err != nil {
			return ok, err
		}
		return m.truth(n.right)
	case n.what == isOp:
		return m.compare(n)
	default:
		v, err := m.value(n, typeOf(n))
		return !v.empty && (v.text != "" || v.number != 0 || v.float != 0 || v.boolean), err
	}
}

// typeOf returns what an operand is by itself.
func typeOf(n *node) Type {
	if n.what == isNot || n.what == isOp {
		return Bool
	}
	if n.value.typ == List {
		return String
	}
	return n.value.typ
}

// commonType returns as what two operands are compared: as what is written out rather than as the
// column is, and as floats rather than as numbers.
func commonType(l, r *node) Type {
	lt, rt := typeOf(l), typeOf(r)
	typ := lt
	if l.what == isColumn && r.what != isColumn {
		typ = rt
	}
	if typ == Number && (lt == Float || rt == Float) {
		typ = Float
	}
	return typ
}

// compare evaluates an operator but for and, or.
func (m matcher) compare(n *node) (bool, error) {
	for _, side := range []*node{n.left, n.right} {
		if side.what != isColumn || side.value.typ != List {
			continue
		}
		if values := strings.Split(m.cell(side.column), Separator); len(values) > 1 {
			return m.compareEach(n, side.column, values)
		}
	}
	typ := commonType(n.left, n.right)
	if n.pattern != nil {
		typ = String
	}
	l, err := m.value(n.left, typ)
	if err != nil {
		return false, err
	}
	if n.pattern != nil {
		return n.pattern.MatchString(l.text) == (n.op == opMatch), nil
	}
	r, err := m.value(n.right, typ)
	if err != nil {
		return false, err
	}
	var order int
	switch {
	case typ == String:
		order = strings.Compare(l.text, r.text)
	case l.empty || r.empty:
		return false, nil
	case typ == Number:
		order = cmp.Compare(l.number, r.number)
	case typ == Float:
		order = cmp.Compare(l.float, r.float)
	default:
		order = cmp.Compare(digit(l.boolean), digit(r.boolean))
	}
	switch n.op {
	case opEq:
		return order == 0, nil
	case opNe:
		return order != 0, nil
	case opLt:
		return order < 0, nil
	case opLe:
		return order <= 0, nil
	case opGt:
		return order > 0, nil
	default: // opGe: parsing made no other
		return order >= 0, nil
	}
}

// compareEach evaluates an operator for each value of a list: it is true if it is of one of them, and one that
// says no only if it is of all.
func (m matcher) compareEach(n *node, column int, values []string) (bool, error) {
	all := n.op == opNe || n.op == opNoMatch
	for _, value := range values {
		one := matcher{func(c int) string {
			if c == column {
				return value
			}
			return m.cell(c)
		}}
		if ok, err := one.compare(n); err != nil || ok != all {
			return ok, err
		}
	}
	return all, nil
}

// value returns the operand as the type.
func (m matcher) value(n *node, typ Type) (value, error) {
	switch n.what {
	case isLiteral:
		return n.value.as(typ, "")
	case isColumn:
		text := trim(m.cell(n.column))
		return value{typ: String, text: text, empty: text == ""}.as(typ, n.name)
	default:
		ok, err := m.truth(n)
		if err != nil {
			return value{}, err
		}
		return value{typ: Bool, boolean: ok}.as(typ, "")
	}
}

// as returns the value as another type. Only text can be what it cannot be. from is the column it is
// from, for the error.
func (v value) as(typ Type, from string) (value, error) {
	to := value{typ: typ, empty: v.empty}
	if v.empty || v.typ == typ {
		to = v
		to.typ = typ
		return to, nil
	}
	var err error
	switch typ {
	case String:
		to.text = v.String()
	case Number:
		switch v.typ {
		case Float:
			to.number = uint64(v.float)
		case Bool:
			to.number = digit(v.boolean)
		default:
			to.number, err = strconv.ParseUint(v.text, 10, 64)
		}
	case Float:
		switch v.typ {
		case Number:
			to.float = float64(v.number)
		case Bool:
			to.float = float64(digit(v.boolean))
		default:
			to.float, err = strconv.ParseFloat(v.text, 64)
		}
	default:
		to.boolean = v.number > 0 || v.float > 0 || meansYes(v.text)
	}
	if err != nil {
		return to, fmt.Errorf("compare %s to a number: %q is none", cmp.Or(from, "a string"), v.text)
	}
	return to, nil
}

// String returns the value as it is written.
func (v value) String() string {
	switch v.typ {
	case Number:
		return strconv.FormatUint(v.number, 10)
	case Float:
		return strconv.FormatFloat(v.float, 'g', 6, 64) // %g of printf(3)
	case Bool:
		return strconv.FormatBool(v.boolean)
	default:
		return v.text
	}
}

// meansYes reports whether the text is one of those that are true: 1, true, or what begins with y.
func meansYes(s string) bool {
	return s == "1" || strings.EqualFold(s, "true") || s != "" && s[0]|0x20 == 'y'
}

func digit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
