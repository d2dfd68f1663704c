// Package planted checks that models catch bugs. A model that has never failed
// proves nothing: each bug here is a wrong version of the real code, and some
// model must fail because of it.
//
// The real code stays as it is. A wrong version is an edit of a source file that
// only a compiler run sees, by go test -overlay.
package planted

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A Bug is an edit of a file that makes it wrong.
type Bug struct {
	Name string // what is wrong
	File string // in the directory of the test, or relative to it
	Old  string // occurs once in File
	New  string
	Run  string // the models that are to catch it, if not those given to Check
}

// Check plants each of the bugs, runs the tests of the package in the current
// directory whose names match run, as go test does with the tag interleave, and
// fails t if they pass, or fail other than in a model. It logs the model that
// caught the bug first. It starts the go command; the bugs are tried in
// parallel. That the models pass without a bug is for the caller to see to.
func Check(t *testing.T, run string, bugs []Bug) {
	for _, b := range bugs {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			b.check(t, cmp.Or(b.Run, run))
		})
	}
}

// caught matches the report of a failure: the test, the kind and the message.
var caught = regexp.MustCompile(`--- FAIL: (\S+/\S+|\S+) \([^\n]*\n\s+\S+\.go:\d+: (assertion failed|panic|deadlock|livelock|data race): ([^\n]*)(?s:.*)\n\s+schedule (\w+)`)

func (b Bug) check(t *testing.T, run string) {
	overlay := b.plant(t)
	cmd := exec.Command("go", "test", "-tags", "interleave", "-vet", "off", "-overlay", overlay,
		"-failfast", "-count", "1", "-run", run, ".")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("survived")
	}
	found := caught.FindSubmatch(out)
	if found == nil {
		t.Fatalf("no model failed: %v\n%s", err, out)
	}
	t.Logf("%s: %s: %s (%s)", found[1], found[2], found[3], found[4])
}

// plant writes the wrong file and returns the name of the overlay with it.
func (b Bug) plant(t *testing.T) string {
	file, err := filepath.Abs(b.File)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte(b.Old)); n != 1 {
		t.Fatalf("%s has the text %d times, and not once:\n%s", b.File, n, b.Old)
	}
	dir := t.TempDir()
	wrong := filepath.Join(dir, filepath.Base(file))
	if err := os.WriteFile(wrong, []byte(strings.Replace(string(source), b.Old, b.New, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{file: wrong}})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}
