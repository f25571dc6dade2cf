// Package query understands the filter expressions of util-linux, see scols-filter(5).
package query
