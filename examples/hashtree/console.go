package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/go-await/await/examples/internal/cli"
)

// A console is stderr: messages, and below them the progress line if it is a
// terminal. Its methods may be called by several goroutines at once.
type console struct {
	mu     sync.Mutex
	w      io.Writer
	fd     int // of the terminal, or -1
	drawn  bool
	failed bool
}

func newConsole(w io.Writer) *console {
	return &console{w: w, fd: terminalOf(w)}
}

// terminalOf returns the file descriptor of a terminal, or -1 if w is none.
func terminalOf(w io.Writer) int {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return int(f.Fd())
	}
	return -1
}

// visible returns a writer of whole lines to a terminal, which obeys nothing of them.
func visible(terminal io.Writer) io.Writer { return visibleWriter{terminal} }

type visibleWriter struct{ w io.Writer }

func (v visibleWriter) Write(b []byte) (int, error) {
	var text strings.Builder
	for l := range strings.Lines(string(b)) {
		l, _ = strings.CutSuffix(l, "\n")
		text.WriteString(cli.Visible(l) + "\n")
	}
	if _, err := io.WriteString(v.w, text.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// message writes a line.
func (c *console) message(format string, args ...any) {
	text := fmt.Sprintf("hashtree: "+format+"\n", args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearLocked()
	io.WriteString(c.w, text)
}

// output writes to stdout, which may be the same terminal.
func (c *console) output(stdout io.Writer, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearLocked()
	_, err := stdout.Write(b)
	return err
}

// problem reports what is wrong with a path: the run has failed, and goes on.
func (c *console) problem(path string, err error) {
	c.fail()
	c.message("%s: %v", printable(path), reason(err))
}

// fail notes that the run has failed.
func (c *console) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = true
}

// hasFailed reports whether fail or problem was called.
func (c *console) hasFailed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// reason is err without the path, which the message names anyway.
func reason(err error) error {
	if e := new(fs.PathError); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// printable is path, quoted if it would not be seen as it is.
func printable(path string) string {
	if path != "" && utf8.ValidString(path) && !strings.ContainsFunc(path, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return path
	}
	return strconv.Quote(path)
}

// isTerminal reports whether there is somebody to see the progress.
func (c *console) isTerminal() bool { return c.fd >= 0 }

// columns returns how wide the progress line may be. The last column of a terminal
// stays free: what is written there makes some go on to the next line.
func (c *console) columns() int {
	width, _, err := term.GetSize(c.fd)
	if err != nil || width <= 0 {
		width = 80
	}
	return width - 1
}

// draw replaces the progress line. What is wider than the terminal is cut off.
func (c *console) draw(text string) {
	text = text[:min(len(text), c.columns())]
	c.mu.Lock()
	defer c.mu.Unlock()
	io.WriteString(c.w, "\r"+text+"\x1b[K")
	c.drawn = true
}

// clear removes the progress line.
func (c *console) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearLocked()
}

func (c *console) clearLocked() {
	if c.drawn {
		io.WriteString(c.w, "\r\x1b[K")
		c.drawn = false
	}
}
