package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
)

// check verifies the files of a list, in its order, and says of each what
// sha256sum does. The files are all hashed in advance, as far as the pool gets;
// what has been found out about a file is written when it is its turn.
func (j *job) check(name string, stdin io.Reader, stdout io.Writer) error {
	size := j.algo.new().Size()
	l, err := future.Await(j.ctx, antsx.SubmitContext(j.ctx, j.pool, func(context.Context) (list, error) {
		l, err := openList(name, stdin, size)
		if j.con.isTerminal() {
			l.look()
		}
		return l, err
	}))
	if name == "-" {
		name = "standard input"
	}
	if err != nil {
		return fmt.Errorf("%s: %w", printable(name), reason(err))
	}
	if len(l.lines) == 0 {
		return fmt.Errorf("%s: no properly formatted checksum lines found", printable(name))
	}
	verdicts := make([]future.Future[verdict], len(l.lines))
	for i, line := range l.lines {
		verdicts[i] = j.verify(line)
	}
	var count [unreadable + 1]int
	for i, line := range l.lines {
		v, err := future.Await(j.ctx, verdicts[i])
		if err != nil {
			return err
		}
		count[v]++
		if err := j.con.output(stdout, v.appendTo(nil, line.path)); err != nil {
			return err
		}
	}
	j.warn(l.malformed, "line is improperly formatted", "lines are improperly formatted")
	j.warn(count[unreadable], "listed file could not be read", "listed files could not be read")
	j.warn(count[mismatch], "computed checksum did NOT match", "computed checksums did NOT match")
	if count[mismatch] > 0 {
		j.con.fail()
	}
	return nil
}

func (j *job) warn(n int, one, many string) {
	switch {
	case n == 1:
		j.con.message("WARNING: 1 %s", one)
	case n > 1:
		j.con.message("WARNING: %d %s", n, many)
	}
}

// verify starts the hashing of the file that a line is of.
func (j *job) verify(l listed) future.Future[verdict] {
	return future.Map(j.file(entry{path: l.path, follow: true, size: l.size}), func(n node) (verdict, error) {
		switch n.sum {
		case "":
			return unreadable, nil
		case l.sum:
			return match, nil
		}
		return mismatch, nil
	})
}

// A verdict says what a file is compared with its line.
type verdict int

const (
	match verdict = iota
	mismatch
	unreadable
)

var verdictText = [...]string{match: "OK", mismatch: "FAILED", unreadable: "FAILED open or read"}

// appendTo appends what is printed of the file at path. As with sha256sum it is
// escaped if there is a newline in it, and only then.
func (v verdict) appendTo(b []byte, path string) []byte {
	if strings.Contains(path, "\n") {
		b = append(b, '\\')
		path = escaper.Replace(path)
	}
	return fmt.Appendf(b, "%s: %s\n", path, verdictText[v])
}

// A list is what a file of lines holds.
type list struct {
	lines     []listed
	malformed int
}

// A listed is a line, and the size of its file if there is progress to draw.
type listed struct {
	line
	size int64
}

// look notes the sizes of the files.
func (l list) look() {
	for i := range l.lines {
		if info, err := os.Stat(l.lines[i].path); err == nil && info.Mode().IsRegular() {
			l.lines[i].size = info.Size()
		}
	}
}

// maxLine is the size of the longest line that is read: more than the path of any
// file needs, with all its characters escaped.
const maxLine = 256 << 10

// openList reads the list in the named file, or in stdin for "-".
func openList(name string, stdin io.Reader, size int) (list, error) {
	if name == "-" {
		return readList(stdin, size)
	}
	f, err := entry{path: name, follow: true}.open()
	if err != nil {
		return list{}, err
	}
	defer f.Close()
	return readList(f, size)
}

// readList reads lines with digests of size bytes. Empty lines and those that
// begin with # are comments, and a carriage return before the newline is dropped.
// A line longer than maxLine is malformed, and the rest of it is skipped.
func readList(r io.Reader, size int) (l list, err error) {
	for in := bufio.NewReaderSize(r, maxLine); err == nil; {
		var b []byte
		b, err = in.ReadSlice('\n')
		s := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
		whole := err != bufio.ErrBufferFull
		for err == bufio.ErrBufferFull {
			_, err = in.ReadSlice('\n')
		}
		if s == "" || s[0] == '#' {
			continue
		}
		if parsed, ok := parseLine(s, size); ok && whole {
			l.lines = append(l.lines, listed{line: parsed})
		} else {
			l.malformed++
		}
	}
	if err != io.EOF {
		return list{}, err
	}
	return l, nil
}
