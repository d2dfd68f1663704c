package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
	"github.com/go-await/await/examples/internal/terminal"
)

// Linux has a device that is always full.

// A result that cannot be written is told, and a device is not removed.
func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.gz")
	if err := os.Symlink("/dev/full", out); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := program.Run(t, program.Command(t, "-generate", "1000", "-o", out))
	if status != statusFailed || stdout != "" || !strings.Contains(stderr, "no space left") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if _, err := os.Lstat(out); err != nil {
		t.Errorf("it was removed: %v", err)
	}
}

// The same is told of stdout.
func TestFullStdout(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var stderr strings.Builder
	cmd := program.Command(t, "-generate", "1000")
	cmd.Stdout, cmd.Stderr = full, &stderr
	cmd.Run()
	if status := cmd.ProcessState.ExitCode(); status != statusFailed || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("status %d, %q", status, &stderr)
	}
}

// A terminal is no place for gzip, unless it is asked for.
func TestTerminal(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-generate", "10"}, statusUsage, "pipeline: the result is not text, and stdout is a terminal: redirect it, or give -o OUT\nusage: pipeline "},
		{[]string{"-generate", "10", "-o", "-"}, statusOK, "read     10 bytes"},
	} {
		user, tty := terminal.Open(t)
		cmd := program.Command(t, tt.args...)
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = tty, &stderr
		cmd.Run()
		tty.Close()
		seen, _ := io.ReadAll(user) // the error says that the program has ended
		if status := cmd.ProcessState.ExitCode(); status != tt.status || !strings.HasPrefix(stderr.String(), tt.want) || (len(seen) > 0) != (status == statusOK) {
			t.Errorf("%q: status %d, %q, and %d bytes on the terminal, want status %d and %q", tt.args, status, &stderr, len(seen), tt.status, tt.want)
		}
	}
}
