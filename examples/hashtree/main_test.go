package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/examples/internal/program"
)

// The default pool of ants has two goroutines, which are ended so that none need be
// ignored.
func TestMain(m *testing.M) { program.Main(m, main, ants.Release) }

// A result is what a run of the program left.
type result struct {
	stdout, stderr string
	status         int
}

// command is the program, to be run in dir.
func command(t testing.TB, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := program.Command(t, args...)
	cmd.Dir = dir
	return cmd
}

// hashtree runs the program as a user would.
func hashtree(t testing.TB, dir string, args ...string) result {
	t.Helper()
	return finish(t, command(t, dir, args...))
}

// finish runs cmd to its end.
func finish(t testing.TB, cmd *exec.Cmd) result {
	t.Helper()
	stdout, stderr, status := program.Run(t, cmd)
	return result{stdout, stderr, status}
}

// write makes a file, and the directories above it.
func write(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func symlink(t testing.TB, target, dir, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}

// sha256Line is the line of a file whose path needs no escape.
func sha256Line(content, path string) string {
	return fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(content)), path)
}

func TestArguments(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "one", "1")
	write(t, dir, "tree/a/b", "b")
	write(t, dir, "tree/a.txt", "")
	write(t, dir, "tree/a0", "0")
	write(t, dir, "tree/-dash", "-")
	tree := []string{
		sha256Line("-", "tree/-dash"), sha256Line("", "tree/a.txt"), sha256Line("b", "tree/a/b"), sha256Line("0", "tree/a0"),
	}
	prefixed := func(prefix string) (lines []string) {
		for _, l := range tree {
			lines = append(lines, strings.Replace(l, "  tree/", "  "+prefix, 1))
		}
		return lines
	}
	for _, tt := range []struct {
		name   string
		reason string
		dir    string
		args   []string
		want   []string
	}{
		{"directory", "bytewise by the whole path: . / 0", "", []string{"tree"}, tree},
		{"slash", "the path is printed as it was given", "", []string{"tree/"}, tree},
		{"dot", "as find does, ./ stays", "tree", []string{"."}, prefixed("./")},
		{"several slashes", "as find does, nothing is cleaned", "", []string{"./tree//"}, prefixed("./tree//")},
		{"file", "a file is a tree of one", "", []string{"one"}, []string{sha256Line("1", "one")}},
		{"dash", "a name that looks like a flag", "tree", []string{"--", "-dash"}, []string{sha256Line("-", "-dash")}},
		{"several", "sorted together, whatever their order", "", []string{"tree", "one"}, append([]string{sha256Line("1", "one")}, tree...)},
		{"twice", "each argument is a tree of its own, as with find", "", []string{"one", "one"}, []string{sha256Line("1", "one"), sha256Line("1", "one")}},
		{"one worker", "the tasks need no worker while they wait", "", []string{"-workers", "1", "tree"}, tree},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := hashtree(t, filepath.Join(dir, tt.dir), tt.args...)
			if want := strings.Join(tt.want, ""); got != (result{want, "", statusOK}) {
				t.Errorf("%s: got %+v, want\n%s", tt.reason, got, want)
			}
		})
	}
}

// Without an argument it asks the go command, which takes GOROOT from the
// environment if it is there.
func TestDefaultTree(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command:", err)
	}
	dir := t.TempDir()
	write(t, dir, "VERSION", "go")
	cmd := command(t, dir)
	cmd.Env = append(cmd.Env, "GOROOT="+dir)
	want := sha256Line("go", filepath.ToSlash(dir)+"/VERSION")
	if got := finish(t, cmd); got != (result{want, "", statusOK}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	cmd = command(t, dir)
	cmd.Env = append(cmd.Env, "PATH=")
	program.Misuse(t, cmd, "hashtree", "go env GOROOT")
}

// A run leaves nothing behind: goleak looks.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sub/one", "1")
	var stdout, stderr strings.Builder
	t.Chdir(dir)
	status := run(t.Context(), []string{"sub"}, strings.NewReader(""), &stdout, &stderr)
	if want := sha256Line("1", "sub/one"); status != statusOK || stdout.String() != want || stderr.Len() > 0 {
		t.Errorf("status %d, %q, %q, want %q", status, &stdout, &stderr, want)
	}
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"-h"}, statusOK, "usage: hashtree"},
		{[]string{"-h"}, statusOK, "-workers N"},
	} {
		got := hashtree(t, t.TempDir(), tt.args...)
		if got.status != tt.status || got.stdout != "" || !strings.Contains(got.stderr, tt.stderr) {
			t.Errorf("%v: got %+v, want status %d and %q", tt.args, got, tt.status, tt.stderr)
		}
		if !strings.Contains(got.stderr, "usage: hashtree") {
			t.Errorf("%v: the usage is not told: %s", tt.args, got.stderr)
		}
	}
}

// A usage error prints the message and the usage, a line each, and the status is 2.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		message string
	}{
		{[]string{"-workers", "0"}, "-workers must be positive"},
		{[]string{"-algo", "crc"}, "sha256, sha512, md5"},
		{[]string{"-check", "list", "dir"}, "-check takes no DIR"},
		{[]string{"-nonsense"}, "-nonsense"},
		{[]string{"-\x1b[2J"}, `-\x1b[2J`},
	} {
		program.Misuse(t, program.Command(t, tt.args...), "hashtree", tt.message)
	}
}
