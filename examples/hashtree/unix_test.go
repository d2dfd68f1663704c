//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// unprivileged makes cmd heed permissions: root, who may read everything, runs it
// as somebody else.
func unprivileged(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	// Somebody else must be able to reach the program.
	program, err := os.ReadFile(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	open(t, dir)
	cmd.Path = filepath.Join(dir, "hashtree")
	if err := os.WriteFile(cmd.Path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

// open lets everybody reach dir, which t.TempDir made.
func open(t *testing.T, dir string) {
	t.Helper()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	write(t, dir, "t/good", "good")
	write(t, dir, "t/secret", "s")
	write(t, dir, "t/closed/file", "c")
	write(t, dir, "t/listed/file", "l")
	for path, mode := range map[string]os.FileMode{
		"t": 0o755, "t/good": 0o644, "t/secret": 0, "t/closed": 0, "t/closed/file": 0o644, "t/listed": 0o744, "t/listed/file": 0o644,
	} {
		if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"t/closed: permission denied", "t/secret: permission denied"}
	if os.Getuid() == 0 {
		want = []string{want[0], "t/listed/file: permission denied", want[1]} // of somebody else's directory
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "t/closed"), 0o755) })
	stdout := sha256Line("good", "t/good")
	if os.Getuid() != 0 {
		stdout += sha256Line("l", "t/listed/file")
	}
	cmd := command(t, dir, "t")
	unprivileged(t, cmd)
	expectProblems(t, finish(t, cmd), stdout, want)
}

// What is neither a file nor a directory has no line. As an argument it is a
// mistake; in a tree it is not. Nobody tries to read the pipe.
func TestSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t/good", "good")
	if err := syscall.Mkfifo(filepath.Join(dir, "t/pipe"), 0o666); err != nil {
		t.Skip("no pipes here:", err)
	}
	want := sha256Line("good", "t/good")
	if got := hashtree(t, dir, "t"); got != (result{want, "", statusOK}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	expectProblems(t, hashtree(t, dir, "t", "t/pipe"), want, []string{"t/pipe: neither"})
}

// An interrupt ends the program soon, although there is a file that would take
// minutes, and leaves no incomplete list.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t/good", "good")
	write(t, dir, "t/huge", "")
	if err := os.Truncate(filepath.Join(dir, "t/huge"), 1<<40); err != nil {
		t.Skip("no files with holes here:", err)
	}
	write(t, dir, "list", sha256Line("", "t/missing")+sha256Line("", "t/huge"))
	write(t, dir, "huge-first", sha256Line("", "t/huge")+sha256Line("", "t/missing"))
	symlink(t, "nowhere", filepath.Join(dir, "t"), "broken")
	for _, tt := range []struct {
		args []string
		sign string // the message after which the huge file is being read
		want string
	}{
		{[]string{"t"}, "t/broken", ""},
		{[]string{"-check", "list"}, "t/missing", "t/missing: FAILED open or read\n"},
		{[]string{"-workers", "2", "-check", "huge-first"}, "t/missing", ""}, // the other worker's
	} {
		cmd := command(t, dir, tt.args...)
		var stdout strings.Builder
		cmd.Stdout = &stdout
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		lines := bufio.NewReader(stderr)
		if l, err := lines.ReadString('\n'); !strings.Contains(l, tt.sign) {
			t.Errorf("got %q, %v, want %q in it", l, err, tt.sign)
		}
		cmd.Process.Signal(os.Interrupt)
		rest, _ := io.ReadAll(lines)
		cmd.Wait()
		watchdog.Stop()
		got := result{stdout.String(), string(rest), cmd.ProcessState.ExitCode()}
		if want := (result{tt.want, "hashtree: interrupted\n", 130}); got.stderr != want.stderr || got.status != want.status || !strings.HasPrefix(tt.want, got.stdout) {
			t.Errorf("%v: got %+v, want %+v", tt.args, got, want)
		}
	}
}
