//go:build unix

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

// An interrupt ends the program although a page does not come: it is a pipe that
// nobody writes to.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(`<a href="gone">gone</a><a href="pipe">pipe</a>`), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := program.Command(t, "-timeout", "1h", "-progress", "0", dir)
	stdout, stderr, status := program.Interrupt(t, cmd, func(stdout *bufio.Reader) {
		if l, err := stdout.ReadString('\n'); l != "/:1: \"gone\": 404 Not Found\n" {
			t.Errorf("got %q, %v", l, err)
		}
	})
	if status != 130 || stdout != "" || stderr != "crawl: interrupted\n" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}
