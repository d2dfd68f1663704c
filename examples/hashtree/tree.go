package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A node is what became of a directory, or of a file: then the line is set,
// unless the file could not be read.
type node struct {
	line
	entries []node
}

// print hashes the trees at paths and writes their lines, sorted by path.
func (j *job) print(paths []string, stdout io.Writer) error {
	var roots []future.Future[node]
	for _, path := range paths {
		if f := j.root(path); f != nil {
			roots = append(roots, f)
		}
	}
	nodes, err := future.Await(j.ctx, future.All(roots...))
	if err != nil {
		return err
	}
	lines := node{entries: nodes}.collect(nil)
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.path, b.path) })
	return j.write(stdout, lines)
}

// write writes lines, only whole ones at a time and no more than a pipe takes at
// once, so that no part of a line is left there whatever happens.
func (j *job) write(stdout io.Writer, lines []line) error {
	const pipeBuf = 4096 // PIPE_BUF of Linux
	var buf, next []byte
	for _, l := range lines {
		next = l.appendTo(next[:0])
		if len(buf)+len(next) > pipeBuf {
			if j.ctx.Err() != nil {
				return context.Cause(j.ctx)
			}
			if err := j.con.output(stdout, buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
		buf = append(buf, next...)
	}
	return j.con.output(stdout, buf)
}

// collect appends the lines of the tree.
func (n node) collect(lines []line) []line {
	if n.sum != "" {
		lines = append(lines, n.line)
	}
	for _, e := range n.entries {
		lines = e.collect(lines)
	}
	return lines
}

// root returns the future of a tree that was named as an argument, or nil if
// there is none.
func (j *job) root(path string) future.Future[node] {
	switch info, err := os.Stat(path); {
	case err != nil:
		j.con.problem(path, err)
	case info.IsDir():
		return j.directory(entry{path: path, dir: true, follow: true})
	case info.Mode().IsRegular():
		return j.file(entry{path: path, follow: true, size: info.Size()})
	default:
		j.con.problem(path, errors.New("neither a directory nor a regular file"))
	}
	return nil
}

// directory starts the task of a directory. It is a future that the executor
// polls, and not a function on a coroutine, since a tree may have very many
// directories, and all of them wait at the same time.
func (j *job) directory(dir entry) future.Future[node] {
	j.stats.tasks.Add(1)
	list := antsx.SubmitContext(j.ctx, j.pool, func(context.Context) ([]entry, error) {
		return j.list(dir), nil
	})
	return executor.Spawn(j.tasks, future.Then(list, func(entries []entry) future.Future[node] {
		children := make([]future.Future[node], len(entries))
		for i, e := range entries {
			if e.dir {
				children[i] = j.directory(e)
			} else {
				children[i] = j.file(e)
			}
		}
		return future.Map(future.All(children...), func(nodes []node) (node, error) {
			return node{entries: nodes}, nil
		})
	}))
}

// file starts the hashing of a file.
func (j *job) file(e entry) future.Future[node] {
	j.stats.found.Add(1)
	j.stats.total.Add(e.size)
	return antsx.SubmitContext(j.ctx, j.pool, func(ctx context.Context) (node, error) {
		j.stats.sample()
		defer j.stats.done.Add(1)
		sum, n, err := j.sum(ctx, e)
		j.stats.total.Add(n - e.size) // it may have grown, or be unreadable
		if ctx.Err() != nil {
			return node{}, context.Cause(ctx)
		}
		if err != nil {
			j.con.problem(e.path, err)
			return node{}, nil
		}
		return node{line: line{sum, e.path}}, nil
	})
}

// An entry is a directory or a regular file that is to be hashed, as it was when it
// was looked at.
type entry struct {
	path   string
	dir    bool
	follow bool  // a symbolic link, since it was given by name
	size   int64 // of a file, or 0 if there is no progress to draw
}

// list returns the directories and regular files in a directory, and reports the
// symbolic links that lead nowhere. What could be read of a directory that cannot
// be read to its end is returned.
func (j *job) list(dir entry) []entry {
	all, err := readDir(dir)
	if err != nil {
		j.con.problem(dir.path, err)
	}
	entries := make([]entry, 0, len(all))
	for _, e := range all {
		path := join(dir.path, e.Name())
		switch t := e.Type(); {
		case t.IsDir(), t.IsRegular():
			entries = append(entries, entry{path: path, dir: t.IsDir(), size: j.sizeOf(e)})
		case t&fs.ModeSymlink != 0:
			if _, err := os.Stat(path); err != nil {
				j.con.problem(path, err)
			}
		}
	}
	return entries
}

// readDir returns what is in a directory, sorted by name.
func readDir(dir entry) ([]fs.DirEntry, error) {
	f, err := dir.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := f.ReadDir(-1)
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return all, err
}

// sizeOf returns the size of a file if that is to be seen: it costs a system call.
func (j *job) sizeOf(e fs.DirEntry) int64 {
	if !j.con.isTerminal() || !e.Type().IsRegular() {
		return 0
	}
	info, err := e.Info()
	if err != nil {
		return 0 // it is reported when it is opened
	}
	return info.Size()
}

// join appends a name to the path of its directory as find does: nothing of the
// path is changed.
func join(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}
