// Package procscan reads /proc and says which namespaces there are and who is in them.
package procscan
