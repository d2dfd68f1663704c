package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

func TestMain(m *testing.M) { program.Main(m, main) }

// unzip returns what a file holds, read by somebody else's gzip.
func unzip(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Without -o, and with -o -, the result is what stdout gets, and nothing else. The
// report goes to stderr, as it does with a file.
func TestStdout(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.gz")
	args := []string{"-generate", "100000", "-chunk", "1000", "-workers", "1"}
	stdout, report, status := program.Run(t, program.Command(t, append(args, "-o", name)...))
	want, err := os.ReadFile(name)
	if err != nil || stdout != "" || status != statusOK || !strings.HasPrefix(report, "read     100000 bytes in 100 chunks\n") {
		t.Errorf("-o FILE: %v, status %d, stdout %q, stderr %q", err, status, stdout, report)
	}
	for _, more := range [][]string{nil, {"-o", "-"}} {
		stdout, stderr, status := program.Run(t, program.Command(t, append(args, more...)...))
		if stdout != string(want) || stderr != report || status != statusOK {
			t.Errorf("%q: status %d, %d bytes, want the %d of a file; stderr %q, want %q", more, status, len(stdout), len(want), stderr, report)
		}
	}
}

// Lines of a log come out, and the last may be cut off.
func TestGenerate(t *testing.T) {
	b, err := io.ReadAll(generate(100_000))
	if err != nil || len(b) != 100_000 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	line := regexp.MustCompile(`^\d\d:\d\d:\d\d 10\.0\.\d+\.\d+ [A-Z]+ /[a-z]+/\d+ \d{3} \d+ms\n$`)
	for l := range bytes.Lines(b[:bytes.LastIndexByte(b, '\n')+1]) {
		if !line.Match(l) {
			t.Errorf("got %q", l)
		}
	}
}

// Whatever the size, in chunks and otherwise, what comes out is what went in, and
// the program says so.
func TestRoundTrip(t *testing.T) {
	var large int64 = 8 << 20
	if testing.Short() {
		large = 1 << 20
	}
	for _, tt := range []struct {
		reason string
		size   int64
		args   []string
		chunks int
	}{
		{"one member, or it would be no gzip file", 0, nil, 1},
		{"less than a chunk", 1000, nil, 1},
		{"exactly three chunks", 3000, []string{"-chunk", "1000"}, 3},
		{"and a byte", 3001, []string{"-chunk", "1000"}, 4},
		{"a single chunk in memory", 100_000, []string{"-chunk", "1000", "-chunks", "1"}, 100},
		{"more workers than chunks", 100_000, []string{"-chunk", "1000", "-chunks", "3", "-workers", "20"}, 100},
		{"large", large, []string{"-chunk", "100000"}, int(large+99_999) / 100_000},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.gz")
			stdout, stderr, status := program.Run(t, program.Command(t, append(tt.args, "-generate", fmt.Sprint(tt.size), "-o", out)...))
			want, err := io.ReadAll(generate(tt.size))
			if err != nil {
				t.Fatal(err)
			}
			if got := unzip(t, out); !bytes.Equal(got, want) {
				t.Errorf("%d bytes came out that are not the %d that went in", len(got), len(want))
			}
			begin := fmt.Sprintf("read     %d bytes in %d chunks\nsha256   %x\nworkers  [", tt.size, tt.chunks, sha256.Sum256(want))
			info, err := os.Stat(out)
			if err != nil {
				t.Fatal(err)
			}
			if tt.size == large && info.Size() > large/2 {
				t.Errorf("it has %d bytes still", info.Size())
			}
			end := fmt.Sprintf("\nwrote    %d bytes\n", info.Size())
			if status != statusOK || stdout != "" || !strings.HasPrefix(stderr, begin) || !strings.HasSuffix(stderr, end) {
				t.Errorf("status %d, stdout %q, stderr %s\nwant %s … %s", status, stdout, stderr, begin, end)
			}
		})
	}
}

func TestFile(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.gz")
	want, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := program.Run(t, program.Command(t, "-chunk", "100", "-o", out, "main.go"))
	if status != statusOK || stdout != "" || !strings.HasPrefix(stderr, fmt.Sprintf("read     %d bytes", len(want))) {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if got := unzip(t, out); !bytes.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"-h"}, statusOK, "usage: pipeline"},
		{[]string{"-h"}, statusOK, "-workers N"},
		{[]string{filepath.Join(dir, "nowhere")}, statusFailed, "pipeline: open "},
		{[]string{"-o", filepath.Join(dir, "out"), dir}, statusFailed, "pipeline: read "},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.args...))
		if status != tt.status || stdout != "" || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%v: status %d, %q, %q, want %d and %q", tt.args, status, stdout, stderr, tt.status, tt.stderr)
		}
		if told := strings.Contains(stderr, "usage: pipeline"); told != (tt.status != statusFailed) {
			t.Errorf("%v: the usage is told: %v", tt.args, told)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the result of a run that failed is there: %v", err)
	}
}

// A usage error prints the message and the usage, a line each, and the status is 2.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		message string
	}{
		{[]string{"a", "b"}, "name one FILE"},
		{[]string{"-workers", "0"}, "must be positive"},
		{[]string{"-chunks", "0"}, "must be positive"},
		{[]string{"-chunk", "0"}, "must be positive"},
		{[]string{"-generate", "-1"}, "not be negative"},
		{[]string{"-\x1b[2J"}, `-\x1b[2J`},
	} {
		program.Misuse(t, program.Command(t, tt.args...), "pipeline", tt.message)
	}
}

// What the system says of a name is printed so that a terminal shows it.
func TestNamesAreVisible(t *testing.T) {
	_, stderr, status := program.Run(t, program.Command(t, filepath.Join(t.TempDir(), "no\x1b[2J")))
	if status != statusFailed || strings.Contains(stderr, "\x1b") || !strings.Contains(stderr, `no\x1b[2J`) {
		t.Errorf("status %d, %q", status, stderr)
	}
}
