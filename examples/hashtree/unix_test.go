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

	"github.com/go-await/await/future"
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
		t.Fatal(err)
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

// Neither the list nor a file of it is read if it is a pipe or a device, also by way
// of a link: a pipe might never end, and opening a device may do something.
func TestCheckSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "1")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	symlink(t, "pipe", dir, "link")
	symlink(t, "a", dir, "good")
	for _, name := range []string{"pipe", "link", "/dev/null", "/dev/zero"} {
		got := hashtree(t, dir, "-check", name)
		if want := (result{"", "hashtree: " + name + ": not a regular file\n", statusFailed}); got != want {
			t.Errorf("the list: got %+v, want %+v", got, want)
		}
	}
	write(t, dir, "list", sha256Line("", "pipe")+sha256Line("", "link")+sha256Line("", "/dev/null")+sha256Line("1", "good"))
	got := hashtree(t, dir, "-check", "list")
	const want = "pipe: FAILED open or read\nlink: FAILED open or read\n/dev/null: FAILED open or read\ngood: OK\n"
	if got.stdout != want || got.status != statusFailed || strings.Count(got.stderr, ": not a regular file\n") != 3 {
		t.Errorf("a file of it: got %+v, want %q", got, want)
	}
}

// What was a file or a directory when its directory was listed, and is something else
// when it is opened, is reported and not read.
func TestSwapped(t *testing.T) {
	fifo := func(t *testing.T, path string) {
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { symlink(t, target, filepath.Dir(path), filepath.Base(path)) }
	}
	directory := func(t *testing.T, path string) {
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	file := func(t *testing.T, path string) { write(t, filepath.Dir(path), filepath.Base(path), "new") }
	for _, tt := range []struct {
		reason string
		dir    bool
		swap   func(t *testing.T, path string)
		want   string
	}{
		{"a file for a pipe", false, fifo, "not a regular file"},
		{"a file for a link", false, link("secret"), "replaced by a symbolic link"},
		{"a file for a link that leads nowhere", false, link("nowhere"), "replaced by a symbolic link"},
		{"a file for a directory", false, directory, "is a directory"},
		{"a directory for a pipe", true, fifo, "not a directory"},
		{"a directory for a link", true, link("secrets"), "replaced by a symbolic link"},
		{"a directory for a file", true, file, "not a directory"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			j, stderr, release := newHeldJob(t)
			dir := t.TempDir()
			write(t, dir, "secret", "s")
			write(t, dir, "secrets/secret", "s")
			path := dir + "/swapped"
			var found future.Future[node]
			if tt.dir {
				directory(t, path)
				found = j.directory(entry{path: path, dir: true})
			} else {
				file(t, path)
				found = j.file(entry{path: path})
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			tt.swap(t, path)
			release()
			n, err := future.Await(t.Context(), found)
			if lines := n.collect(nil); err != nil || len(lines) > 0 {
				t.Errorf("got %q, %v, want no line", lines, err)
			}
			if got, want := stderr.String(), "hashtree: "+path+": "+tt.want+"\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
