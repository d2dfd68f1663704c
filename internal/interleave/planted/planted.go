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
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
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
//
// The calling test is left out of those runs, also if its name matches: it would
// plant its bugs in them once more, without end. A bug that makes a run hang
// without a model noticing fails t before the deadline of the tests comes.
func Check(t *testing.T, run string, bugs []Bug) {
	skip := "^" + t.Name() + "$"
	for _, b := range bugs {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			patience := time.Hour
			if deadline, ok := t.Deadline(); ok {
				patience = time.Until(deadline) * 3 / 4
			}
			how, err := b.try(".", cmp.Or(b.Run, run), skip, t.TempDir(), patience)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(how)
		})
	}
}

// caught matches the report of a failure: the test, the kind, the message and
// the schedule.
var caught = regexp.MustCompile(`--- FAIL: (\S+) \([^\n]*\n\s+\S+\.go:\d+: ` +
	`(assertion failed|panic|deadlock|livelock|data race): ([^\n]*)(?s:.*?)\n\s+schedule (\w+)`)

// try plants the bug in the package in dir, tells go test to run what matches
// run and not skip, for as long as patience at most, and returns how it failed. It
// is an error if no model failed.
func (b Bug) try(dir, run, skip, temp string, patience time.Duration) (how string, err error) {
	overlay, err := b.plant(dir, temp)
	if err != nil {
		return "", err
	}
	// Without what only debuggers read a run takes a quarter less.
	cmd := exec.Command("go", "test", "-tags", "interleave", "-vet", "off", "-overlay", overlay,
		"-ldflags", "-w", "-gcflags", "-dwarf=false",
		"-failfast", "-count", "1", "-run", run, "-skip", skip, "-timeout", patience.String(), ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		return "", errors.New("the bug survived")
	}
	found := caught.FindSubmatch(out)
	if found == nil {
		return "", fmt.Errorf("no model failed, but: %w\n%s", err, out)
	}
	return fmt.Sprintf("caught by %s: %s: %s (%s)", found[1], found[2], found[3], found[4]), nil
}

// plant writes the wrong file and the overlay with it, and returns the name of
// the latter.
func (b Bug) plant(dir, temp string) (overlay string, err error) {
	file, err := filepath.Abs(filepath.Join(dir, b.File))
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if n := bytes.Count(source, []byte(b.Old)); n != 1 {
		return "", fmt.Errorf("%s has the text %d times, and not once:\n%s", b.File, n, b.Old)
	}
	wrong := filepath.Join(temp, filepath.Base(file))
	source = bytes.Replace(source, []byte(b.Old), []byte(b.New), 1)
	if err := os.WriteFile(wrong, source, 0o600); err != nil {
		return "", err
	}
	files := map[string]string{file: wrong}
	if err := withoutExternalTests(filepath.Dir(file), files); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": files})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(temp, "overlay.json")
	return overlay, os.WriteFile(overlay, replace, 0o600)
}

// withoutExternalTests adds to an overlay that the external test package of a directory is
// not there, unless models are in it. To compile and link it takes most of the time of a
// run that needs only the models.
func withoutExternalTests(dir string, files map[string]string) error {
	tests, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return err
	}
	var external []string
	for _, name := range tests {
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !externalTest.Match(source) {
			continue
		}
		if tagged.Match(source) {
			return nil
		}
		external = append(external, name)
	}
	for _, name := range external {
		files[name] = "" // in an overlay: the file does not exist
	}
	return nil
}

var (
	externalTest = regexp.MustCompile(`(?m)^package \w+_test$`)
	tagged       = regexp.MustCompile(`(?m)^//go:build (.*[^!\w])?interleave\b`)
)
