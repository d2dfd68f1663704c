// Package program runs the binary of an example's tests as the program that they
// test, so that a test does what a user would.
package program

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asProgram is set in the environment of a test binary that is to be the program.
const asProgram = "AWAIT_TEST_RUNS_MAIN"

// Main is the TestMain of a program whose main function is main: it runs the
// tests under goleak, or main in a process of [Command]. Before the tests it calls
// ready, which is for what goleak is not to see.
func Main(m *testing.M, main func(), ready ...func()) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	for _, f := range ready {
		f()
	}
	goleak.VerifyTestMain(m)
}

// Command returns the program, to be run.
func Command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	// A program with the race detector sleeps for a second before it exits.
	cmd.Env = append(os.Environ(), asProgram+"=1", "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	return cmd
}

// Run runs cmd to its end and returns what it left. A program that does not end is
// killed after a minute.
func Run(t testing.TB, cmd *exec.Cmd) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer watch(cmd).Stop()
	err := cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Interrupt starts cmd, and interrupts it as Ctrl-C does once begun returns, which
// may read from the stdout of the program to learn that it is under way. It
// returns what the program left; stdout is what begun has not read. A program that
// does not end is killed after a minute.
func Interrupt(t testing.TB, cmd *exec.Cmd, begun func(stdout *bufio.Reader)) (stdout, stderr string, status int) {
	t.Helper()
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer watch(cmd).Stop()
	defer cmd.Process.Kill() // if begun gives up
	buffered := bufio.NewReader(out)
	begun(buffered)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	rest, err := io.ReadAll(buffered)
	if err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // the status tells
	return string(rest), errs.String(), cmd.ProcessState.ExitCode()
}

// Misuse runs cmd, a wrong use of the named program. It checks that stderr has two
// lines, the name with a text that contains message and then the usage, that stdout
// has none, and that the status is 2.
func Misuse(t testing.TB, cmd *exec.Cmd, name, message string) {
	t.Helper()
	stdout, stderr, status := Run(t, cmd)
	first, second, _ := strings.Cut(stderr, "\n")
	if !strings.HasPrefix(first, name+": ") || !strings.Contains(first, message) ||
		!strings.HasPrefix(second, "usage: "+name+" ") || strings.Count(second, "\n") != 1 {
		t.Errorf("%q: got stderr %q, want %s: … %s …, and a line of usage", cmd.Args[1:], stderr, name, message)
	}
	if stdout != "" || status != 2 {
		t.Errorf("%q: got stdout %q and status %d, want none and 2", cmd.Args[1:], stdout, status)
	}
}

// watch kills cmd, which has been started, after a minute.
func watch(cmd *exec.Cmd) *time.Timer {
	return time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
}
