// Package sheet writes tables: aligned for people, raw and as JSON for programs, and as trees.
package sheet
