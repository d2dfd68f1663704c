package main

import (
	"errors"
	"io/fs"
	"os"
)

// Why something is not read although it could be opened.
var (
	errSwapped      = errors.New("replaced by a symbolic link")
	errIsDirectory  = errors.New("is a directory")
	errNotDirectory = errors.New("not a directory")
	errNotRegular   = errors.New("not a regular file")
)

// open opens what e says. Time has passed since the look that made e, and the tree
// may belong to others. So it does not follow a symbolic link that has come in the
// place of e, does not wait for the writer of a pipe, and checks what it has opened.
// A directory above e that was replaced by a link is not noticed, and neither is
// another file in the place of a file: that one is hashed.
func (e entry) open() (*os.File, error) {
	if e.follow {
		info, err := os.Stat(e.path)
		if err == nil {
			err = e.check(info)
		}
		if err != nil {
			return nil, err // opening a device may already do something
		}
	}
	f, err := openNow(e.path, e.follow)
	if err != nil {
		if info, e2 := os.Lstat(e.path); e2 == nil && !e.follow && info.Mode()&fs.ModeSymlink != 0 {
			err = errSwapped
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = e.check(info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// check says what is wrong if info is that of something else than e.
func (e entry) check(info fs.FileInfo) error {
	switch {
	case e.dir && !info.IsDir():
		return errNotDirectory
	case !e.dir && info.IsDir():
		return errIsDirectory
	case !e.dir && !info.Mode().IsRegular():
		return errNotRegular
	}
	return nil
}
