// Package table keeps a list of rows that are replaced again and again while somebody looks at it.
//
// A row is found again by its identity, so neither a refresh nor another order takes the cursor or a
// mark from it, and the row under the cursor stays on its line of the screen where that is possible.
// Rows come filtered; the list sorts them, by typed comparison, and knows which of them are visible.
//
// It draws nothing, knows no keys, and is not safe for concurrent use. All but Set, Order and Select,
// which look at every row, take constant time.
package table
