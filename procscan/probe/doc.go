// Package probe tries what this kernel, this user and this proc root allow of what nstui can use.
package probe
