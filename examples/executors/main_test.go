package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// asProgram is set in the environment of a test binary that is to be executors.
const asProgram = "EXECUTORS_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// command is the program.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	return cmd
}

func TestUse(t *testing.T) {
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, statusOK, `mini: 1000 tasks on 2 goroutines, sum of squares 332833500
priority: [keystroke alarm mail report index]
eventloop: 1000 tasks between the frames, sum of squares 332833500
`, ""},
		{[]string{"-only", "mini", "-tasks", "3"}, statusOK, "mini: 3 tasks on 2 goroutines, sum of squares 5\n", ""},
		{[]string{"-only", "eventloop", "-tasks", "0"}, statusOK, "eventloop: 0 tasks between the frames, sum of squares 0\n", ""},
		{[]string{"-h"}, statusOK, "", "usage: executors"},
		{[]string{"-only", "nosuch"}, statusUsage, "", `there is no executor "nosuch"`},
		{[]string{"-tasks", "-1"}, statusUsage, "", "must not be negative"},
		{[]string{"now"}, statusUsage, "", `what is "now"?`},
	} {
		cmd := command(t, tt.args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != tt.status || stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) || tt.stderr == "" && stderr.Len() > 0 {
			t.Errorf("%v: status %d, %q, %q, want %d, %q and %q", tt.args, got, &stdout, &stderr, tt.status, tt.stdout, tt.stderr)
		}
	}
}
