package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/panjf2000/ants/v2"
	"go.uber.org/goleak"
)

// asProgram is set in the environment of a test binary that is to be gateway.
const asProgram = "GATEWAY_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	ants.Release() // the default pool's two goroutines: so none of ants is ignored
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

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"-h"}, statusOK, "usage: gateway"},
		{[]string{"-quorum", "6"}, statusUsage, "-quorum must be"},
		{[]string{"-workers", "0"}, statusUsage, "must be positive"},
		{[]string{"-timeout", "0"}, statusUsage, "-timeout must be"},
		{[]string{"serve"}, statusUsage, `what is "serve"?`},
		{[]string{"-nonsense"}, statusUsage, "-nonsense"},
		{[]string{"-addr", "256.0.0.0:1"}, statusFailed, "gateway: "},
	} {
		cmd := command(t, tt.args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != tt.status || stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("%v: status %d, %q, want %d and %q", tt.args, got, stderr.String(), tt.status, tt.stderr)
		}
	}
}
