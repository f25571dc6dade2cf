// Package mounts finds the namespaces that are mounted: those ip-netns(8) keeps by a name, and those
// other programs keep in mount namespaces of their own.
package mounts
