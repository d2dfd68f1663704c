package main

import (
	"crypto/md5"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "1")
	write(t, dir, "b", "2")
	write(t, dir, "sub/c", "3")
	a, b, c := sha256Line("1", "a"), sha256Line("2", "b"), sha256Line("3", "sub/c")
	wrong := sha256Line("wrong", "b")
	for _, tt := range []struct {
		name   string
		reason string
		list   string
		want   result
	}{
		{"all right", "one verdict per line", a + b + c,
			result{"a: OK\nb: OK\nsub/c: OK\n", "", statusOK}},
		{"order", "the list's, not the tree's", c + a,
			result{"sub/c: OK\na: OK\n", "", statusOK}},
		{"mismatch", "counted in a warning", a + wrong,
			result{"a: OK\nb: FAILED\n", "hashtree: WARNING: 1 computed checksum did NOT match\n", statusFailed}},
		{"mismatches", "in the plural", wrong + wrong,
			result{"b: FAILED\nb: FAILED\n", "hashtree: WARNING: 2 computed checksums did NOT match\n", statusFailed}},
		{"malformed", "not a failure as long as there is one good line", "nonsense\n" + a + "more\n",
			result{"a: OK\n", "hashtree: WARNING: 2 lines are improperly formatted\n", statusOK}},
		{"comments", "they and empty lines are no lines", "# nonsense\n\n" + a,
			result{"a: OK\n", "", statusOK}},
		{"no end of line", "the last line may lack it", strings.TrimSuffix(a+b, "\n"),
			result{"a: OK\nb: OK\n", "", statusOK}},
		{"carriage returns", "a list that came over Windows", strings.ReplaceAll(a+b, "\n", "\r\n"),
			result{"a: OK\nb: OK\n", "", statusOK}},
		{"empty", "a list that checks nothing is no success", "",
			result{"", "hashtree: standard input: no properly formatted checksum lines found\n", statusFailed}},
		{"no lines", "the same", "nonsense\n",
			result{"", "hashtree: standard input: no properly formatted checksum lines found\n", statusFailed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := command(t, dir, "-check", "-")
			cmd.Stdin = strings.NewReader(tt.list)
			if got := finish(t, cmd); got != tt.want {
				t.Errorf("%s: got %+v, want %+v", tt.reason, got, tt.want)
			}
		})
	}
}

func TestCheckUnreadable(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "1")
	write(t, dir, "list", sha256Line("2", "gone")+sha256Line("1", "a")+sha256Line("3", "."))
	got := hashtree(t, dir, "-check", "list")
	if want := "gone: FAILED open or read\na: OK\n.: FAILED open or read\n"; got.stdout != want || got.status != statusFailed {
		t.Errorf("got %+v, want %q", got, want)
	}
	for _, want := range []string{"hashtree: gone: ", "hashtree: .: ", "hashtree: WARNING: 2 listed files could not be read\n"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("got %q, want %q in it", got.stderr, want)
		}
	}
	got = hashtree(t, dir, "-check", "no-list")
	if got.stdout != "" || got.status != statusFailed || !strings.HasPrefix(got.stderr, "hashtree: no-list: ") {
		t.Errorf("got %+v", got)
	}
	got = hashtree(t, dir, "-check", ".") // it cannot be read
	if got.stdout != "" || got.status != statusFailed || strings.Contains(got.stderr, "no properly formatted") {
		t.Errorf("got %+v", got)
	}
}

// A name with a newline takes one line, as it does with sha256sum.
func TestCheckEscapes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such names")
	}
	dir := t.TempDir()
	write(t, dir, "new\nline\\", "1")
	write(t, dir, `back\slash`, "2")
	list := hashtree(t, dir, ".").stdout
	cmd := command(t, dir, "-check", "-")
	cmd.Stdin = strings.NewReader(list)
	want := "./back\\slash: OK\n" + `\./new\nline\\: OK` + "\n"
	if got := finish(t, cmd); got != (result{want, "", statusOK}) {
		t.Errorf("got %+v, want %q", got, want)
	}
}

// A list is only good for its own algorithm.
func TestCheckAlgorithm(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "1")
	write(t, dir, "list", fmt.Sprintf("%x  a\n", md5.Sum([]byte("1"))))
	if got := hashtree(t, dir, "-algo", "md5", "-check", "list"); got != (result{"a: OK\n", "", statusOK}) {
		t.Errorf("md5: got %+v", got)
	}
	if got := hashtree(t, dir, "-check", "list"); got.status != statusFailed || got.stdout != "" {
		t.Errorf("sha256: got %+v", got)
	}
}

// What was written is checked, and every change of a file is found.
func TestCheckOwnList(t *testing.T) {
	dir := oddTree(t)
	list := filepath.Join(t.TempDir(), "list")
	write(t, filepath.Dir(list), "list", hashtree(t, dir, ".").stdout)
	if got := hashtree(t, dir, "-check", list); got.status != statusOK || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "plain"), []byte("changed"), 0o666); err != nil {
		t.Fatal(err)
	}
	got := hashtree(t, dir, "-check", list)
	if got.status != statusFailed || strings.Count(got.stdout, ": FAILED\n") != 1 || !strings.Contains(got.stdout, "./plain: FAILED\n") {
		t.Errorf("got %+v", got)
	}
}

// A line that is longer than the path of any file is malformed, and is not kept.
func TestLongLine(t *testing.T) {
	good := sha256Line("1", "a")
	endless := func(first string) io.Reader {
		return io.MultiReader(strings.NewReader(first), io.LimitReader(repeat('x'), 64<<20), strings.NewReader("\n"+good))
	}
	for _, tt := range []struct {
		reason, first string
		malformed     int
	}{
		{"not a digest", "", 1},
		{"a digest, and no end of the path", good[:66], 1},
		{"a comment", "#", 0},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l, err := readList(endless(tt.first), 32)
		runtime.ReadMemStats(&after)
		if err != nil || len(l.lines) != 1 || l.lines[0].path != "a" || l.malformed != tt.malformed {
			t.Errorf("%s: got %d lines, %d malformed, %v, want 1 and %d", tt.reason, len(l.lines), l.malformed, err, tt.malformed)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
			t.Errorf("%s: %d bytes were allocated for a line of 64 MB", tt.reason, got)
		}
	}
	dir := t.TempDir()
	write(t, dir, "a", "1")
	cmd := command(t, dir, "-check", "-")
	cmd.Stdin = endless("")
	if got, want := finish(t, cmd), (result{"a: OK\n", "hashtree: WARNING: 1 line is improperly formatted\n", statusOK}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// repeat is a reader of a byte that has no end.
type repeat byte

func (c repeat) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c)
	}
	return len(b), nil
}
