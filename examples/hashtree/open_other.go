//go:build !unix

package main

import (
	"io/fs"
	"os"
)

// openNow opens a file for reading. Without flags that would do it, it looks again
// and compares what it saw with what it has opened.
func openNow(path string, follow bool) (*os.File, error) {
	if follow {
		return os.Open(path)
	}
	seen, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if seen.Mode()&fs.ModeSymlink != 0 {
		return nil, errSwapped
	}
	if !seen.IsDir() && !seen.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !os.SameFile(seen, info) {
		f.Close()
		return nil, errSwapped
	}
	return f, nil
}
