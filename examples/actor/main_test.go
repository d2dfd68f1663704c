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

// asProgram is set in the environment of a test binary that is to be actor.
const asProgram = "ACTOR_TEST_RUNS_MAIN"

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
		{nil, statusOK, "the bank has 10000\n100400 transfers of 4 goroutines and 1000 tasks: it has 10000\n", ""},
		{[]string{"-goroutines", "0", "-tasks", "7"}, statusOK, "the bank has 10000\n700 transfers of 0 goroutines and 7 tasks: it has 10000\n", ""},
		{[]string{"-goroutines", "300", "-tasks", "0", "-transfers", "3"}, statusOK, "the bank has 10000\n900 transfers of 300 goroutines and 0 tasks: it has 10000\n", ""},
		{[]string{"-h"}, statusOK, "", "usage: actor"},
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
		if got := cmd.ProcessState.ExitCode(); got != tt.status || stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("%v: status %d, %q, %q, want %d, %q and %q", tt.args, got, &stdout, &stderr, tt.status, tt.stdout, tt.stderr)
		}
	}
}
