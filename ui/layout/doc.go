// Package layout is the geometry of the screen: from its size, and what must be on it, to rectangles, and from what
// is in a table to the widths of its columns.
//
// It is arithmetic and nothing else: no text, no style, no state. All sums with widths and heights are
// done here, so that a part that is drawn into its rectangle can overlap no other.
package layout
