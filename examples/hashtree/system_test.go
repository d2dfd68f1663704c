package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// oddTree makes a tree of files with odd names, also in directories with odd
// names. Names that the file system refuses are left out.
func oddTree(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files := 0
	for i, odd := range oddNames {
		for _, name := range []string{odd.name, filepath.Join(odd.name+".d", odd.name)} {
			path := filepath.Join(dir, name)
			os.Mkdir(filepath.Dir(path), 0o777)
			if err := os.WriteFile(path, fmt.Append(nil, i, name), 0o666); err != nil {
				t.Logf("left out: %v", err)
				continue
			}
			files++
		}
	}
	if files < len(oddNames) {
		t.Fatalf("only %d files", files)
	}
	return dir
}

// system runs a shell command in dir, and skips the test if a tool is missing.
func system(t *testing.T, dir, script string, tools ...string) result {
	t.Helper()
	for _, tool := range append(tools, "sh") {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("nothing to compare with:", err)
		}
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	return finish(t, cmd)
}

// listWith is the shell command that lists a tree with one of the system's tools.
func listWith(tool, tree string) string {
	return "find -H " + tree + " -type f -print0 | LC_ALL=C sort -z | xargs -0 " + tool + " --"
}

func TestSameListAsSystem(t *testing.T) {
	dir := oddTree(t)
	for _, algo := range algorithms {
		t.Run(algo.name, func(t *testing.T) {
			tool := algo.name + "sum"
			want := system(t, dir, listWith(tool, "."), tool, "find", "sort", "xargs")
			if got := hashtree(t, dir, "-algo", algo.name, "."); got != want {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestSameListOfGoAsSystem(t *testing.T) {
	part := "src"
	if testing.Short() {
		part = "src/internal"
	}
	root, err := goroot(t.Context())
	if err != nil {
		t.Skip("there is no go command:", err)
	}
	dir := filepath.Join(root, part)
	want := system(t, dir, listWith("sha256sum", "."), "sha256sum", "find", "sort", "xargs")
	got := hashtree(t, dir, ".")
	if got != want {
		t.Errorf("%d bytes, want %d; messages %s", len(got.stdout), len(want.stdout), got.stderr)
	}
}

// The two read each other's lists, and say the same about them. What sha256sum
// escapes in its verdicts depends on its version, so names that need an escape
// are compared by what the list says, and not by the verdicts.
func TestSameVerdictsAsSystem(t *testing.T) {
	dir := oddTree(t)
	theirs := system(t, dir, listWith("sha256sum", "."), "sha256sum", "find", "sort", "xargs").stdout
	if got := hashtree(t, dir, "."); got.stdout != theirs {
		t.Fatalf("the lists differ:\n%s\n%s", got.stdout, theirs)
	}
	for l := range strings.Lines(theirs) {
		list := t.TempDir() + "/list"
		write(t, filepath.Dir(list), "list", l)
		want := system(t, dir, "sha256sum -c "+list, "sha256sum")
		got := hashtree(t, dir, "-check", list)
		if got.status != want.status || got.status != statusOK {
			t.Errorf("%q: got %+v\nwant %+v", l, got, want)
		}
		if !strings.HasPrefix(l, `\`) && got.stdout != want.stdout {
			t.Errorf("%q: got %+v\nwant %+v", l, got, want)
		}
	}
	write(t, dir, "list", strings.Repeat("0", 64)+"  ./plain\n"+
		strings.Repeat("1", 64)+"  ./nowhere\n"+
		"# a comment\n\nnonsense\n"+
		strings.Repeat("2", 64)+"  ./-dash\n")
	want := system(t, dir, "sha256sum -c list", "sha256sum")
	got := hashtree(t, dir, "-check", "list")
	if got.status != want.status || got.stdout != want.stdout {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	warnings := func(s string) (w []string) {
		for l := range strings.Lines(s) {
			if _, text, found := strings.Cut(l, ": WARNING: "); found {
				w = append(w, text)
			}
		}
		return w
	}
	if g, w := warnings(got.stderr), warnings(want.stderr); strings.Join(g, "") != strings.Join(w, "") || len(g) != 3 {
		t.Errorf("warnings %q, want %q", g, w)
	}
}
