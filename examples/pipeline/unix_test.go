//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-await/await/examples/internal/program"
)

// An interrupt ends the program although its input, a pipe, neither ends nor goes
// on, and leaves no part of a result.
func TestInterrupt(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.gz")
	cmd := program.Command(t, "-chunk", "1000", "-o", out, "/dev/stdin")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := program.Interrupt(t, cmd, func(*bufio.Reader) {
		// It is more than a pipe holds: the program has begun when it is written.
		if _, err := stdin.Write(make([]byte, 1<<20)); err != nil {
			t.Error(err)
		}
	})
	if status != 130 || stdout != "" || stderr != "pipeline: interrupted\n" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the result is there: %v", err)
	}
}

// startUnread starts the program with a pipe for stdout, of which it returns the
// other end. A program that does not end is killed after a minute.
func startUnread(t *testing.T, cmd *exec.Cmd) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() { watchdog.Stop() })
	if _, err := r.Read(make([]byte, 10)); err != nil { // it has begun
		t.Fatal(err)
	}
	return r
}

// An interrupt ends the program although its stdout is full, and stays so.
func TestInterruptOfFullStdout(t *testing.T) {
	var stderr strings.Builder
	cmd := program.Command(t, "-generate", "1000000000000")
	cmd.Stderr = &stderr
	startUnread(t, cmd)
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 || stderr.String() != "pipeline: interrupted\n" {
		t.Errorf("status %d, %q", status, &stderr)
	}
}

// A reader that goes away ends the program, as it does others.
func TestReaderGoesAway(t *testing.T) {
	cmd := program.Command(t, "-generate", "1000000000000")
	r := startUnread(t, cmd)
	r.Close()
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE {
		t.Errorf("got %v, want its end by SIGPIPE", err)
	}
}
