//go:build unix

package main

import (
	"os"
	"syscall"
)

// openNow opens a file for reading. It waits for no writer of a pipe.
func openNow(path string, follow bool) (*os.File, error) {
	flag := os.O_RDONLY | syscall.O_NONBLOCK
	if !follow {
		flag |= syscall.O_NOFOLLOW
	}
	return os.OpenFile(path, flag, 0)
}
