package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// What cannot be hashed is reported, one message per path, and the rest is hashed.
func TestProblems(t *testing.T) {
	good := sha256Line("good", "t/good")
	for _, tt := range []struct {
		name  string
		setup func(t *testing.T, tree string)
		args  []string
		want  []string // one per message
	}{
		{
			name:  "missing argument",
			setup: func(t *testing.T, tree string) {},
			args:  []string{"t", "nowhere"},
			want:  []string{"nowhere: no such file"},
		}, {
			name:  "broken link",
			setup: func(t *testing.T, tree string) { symlink(t, "nowhere", tree, "broken") },
			args:  []string{"t"},
			want:  []string{"t/broken: no such file"},
		}, {
			name:  "broken link as an argument",
			setup: func(t *testing.T, tree string) { symlink(t, "nowhere", tree, "broken") },
			args:  []string{"t", "t/broken"},
			want:  []string{"t/broken: no such file", "t/broken: no such file"},
		}, {
			name: "loop of links",
			setup: func(t *testing.T, tree string) {
				symlink(t, "b", tree, "a")
				symlink(t, "a", tree, "b")
			},
			args: []string{"t"},
			want: []string{"t/a: too many", "t/b: too many"},
		}, {
			name: "unprintable",
			setup: func(t *testing.T, tree string) {
				symlink(t, "nowhere", tree, "new\nline")
			},
			args: []string{"t"},
			want: []string{`"t/new\nline": no such file`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" {
				t.Skip("other links, and other messages")
			}
			dir := t.TempDir()
			write(t, dir, "t/good", "good")
			tt.setup(t, filepath.Join(dir, "t"))
			expectProblems(t, hashtree(t, dir, tt.args...), good, tt.want)
		})
	}
}

// expectProblems checks that a run printed stdout, and failed with exactly the
// messages of which want has the beginnings.
func expectProblems(t *testing.T, got result, stdout string, want []string) {
	t.Helper()
	if got.stdout != stdout || got.status != statusFailed {
		t.Errorf("got %+v, want status %d and\n%s", got, statusFailed, stdout)
	}
	messages := strings.SplitAfter(got.stderr, "\n")
	messages = messages[:len(messages)-1]
	slices.Sort(messages)
	if len(messages) != len(want) {
		t.Fatalf("got %q, want %q", messages, want)
	}
	for i, m := range messages {
		if !strings.HasPrefix(m, "hashtree: "+want[i]) {
			t.Errorf("got %q, want %q", m, want[i])
		}
	}
}

// Links that lead somewhere are neither followed nor reported.
func TestLinksWithinATree(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t/file", "x")
	symlink(t, "file", dir, "t/to-file")
	symlink(t, ".", dir, "t/to-itself")
	symlink(t, "t", dir, "to-tree")
	want := sha256Line("x", "to-tree/file")
	if got := hashtree(t, dir, "to-tree"); got != (result{want, "", statusOK}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
}

func TestSummary(t *testing.T) {
	dir := t.TempDir()
	for i := range 1000 {
		write(t, dir, fmt.Sprintf("d%d/e/f%d", i%50, i), "12345")
	}
	got := hashtree(t, dir, "-summary", "-workers", "3", ".")
	figures := map[string]float64{}
	for l := range strings.Lines(got.stderr) {
		name, value := l[:15], 0.0
		if _, err := fmt.Sscan(l[15:], &value); err != nil {
			t.Errorf("%q: %v", l, err)
		}
		figures[strings.TrimSpace(name)] = value
	}
	for name, want := range map[string]float64{"files": 1000, "bytes": 5000, "tasks": 101} {
		if figures[name] != want {
			t.Errorf("%s: %v, want %v", name, figures[name], want)
		}
	}
	if n := figures["peak goroutines"]; n < 3 || n > 50 {
		t.Errorf("%v goroutines for 1000 files", n)
	}
	if n := figures["peak pending"]; n < 1 || n > 1000 {
		t.Errorf("%v of 1000 files were pending", n)
	}
	if figures["elapsed"] <= 0 || figures["elapsed"] > 60 || !regexp.MustCompile(`(?m)^elapsed +\d+\.\d{3} s$`).MatchString(got.stderr) {
		t.Errorf("got %q, want the elapsed time in it", got.stderr)
	}
	if figures["MB/s"] < 0 || len(figures) != 7 {
		t.Errorf("got %v", figures)
	}
}

// newHeldJob returns a job whose pool has one worker, which is busy until release
// is called.
func newHeldJob(t *testing.T) (j *job, stderr *bytes.Buffer, release func()) {
	t.Helper()
	pool, err := ants.NewPool(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Release)
	tasks := executor.New()
	t.Cleanup(func() { tasks.Close() })
	stderr = new(bytes.Buffer)
	j = &job{ctx: context.Background(), pool: pool, tasks: tasks, algo: algorithms[0], con: newConsole(stderr)}
	held := make(chan struct{})
	antsx.Submit(pool, func() (struct{}, error) { <-held; return struct{}{}, nil })
	return j, stderr, func() { close(held) }
}

// A file may vanish between the moment it is found and the one it is opened.
func TestVanished(t *testing.T) {
	j, stderr, release := newHeldJob(t)
	dir := t.TempDir()
	write(t, dir, "stays", "here")
	write(t, dir, "goes", "away")
	stays, goes := j.file(entry{path: dir + "/stays"}), j.file(entry{path: dir + "/goes"})
	if err := os.Remove(filepath.Join(dir, "goes")); err != nil {
		t.Fatal(err)
	}
	release()
	nodes, err := future.Await(j.ctx, future.All(stays, goes))
	if err != nil {
		t.Fatal(err)
	}
	lines := node{entries: nodes}.collect(nil)
	if len(lines) != 1 || lines[0].path != dir+"/stays" {
		t.Errorf("got %q", lines)
	}
	if !j.con.hasFailed() || !strings.HasPrefix(stderr.String(), "hashtree: "+dir+"/goes: ") {
		t.Errorf("got message %q", stderr)
	}
}

// A list is written whole lines at a time, in pieces that a pipe takes at once, and
// not to its end if nobody reads it or there was an interrupt.
func TestWrite(t *testing.T) {
	var lines []line
	var want strings.Builder
	for i := range 1000 {
		lines = append(lines, line{"sum", strings.Repeat("x", i%100)})
		want.Write(lines[i].appendTo(nil))
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	j := &job{ctx: ctx, algo: algorithms[0], con: newConsole(io.Discard)}
	var got strings.Builder
	write := func(b []byte) (int, error) {
		if len(b) > 4096 || b[len(b)-1] != '\n' {
			t.Errorf("%d bytes at a time, the last is %q", len(b), b[len(b)-1])
		}
		return got.Write(b)
	}
	if err := j.write(writerFunc(write), lines); err != nil || got.String() != want.String() {
		t.Errorf("got %v, %q", err, got.String())
	}
	for _, tt := range []struct {
		reason string
		write  writerFunc
	}{
		{"nobody reads", func(b []byte) (int, error) { return 0, io.ErrClosedPipe }},
		{"an interrupt", func(b []byte) (int, error) { cancel(io.ErrClosedPipe); return len(b), nil }},
	} {
		writes := 0
		err := j.write(writerFunc(func(b []byte) (int, error) { writes++; return tt.write(b) }), lines)
		if err != io.ErrClosedPipe || writes != 1 {
			t.Errorf("%s: got %v after %d writes", tt.reason, err, writes)
		}
	}
	if _, _, err := j.sum(ctx, entry{path: "tree_test.go"}); err != io.ErrClosedPipe {
		t.Errorf("hashing goes on: %v", err)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Pending files have no goroutine.
func TestPendingFilesNeedNoGoroutine(t *testing.T) {
	j, stderr, release := newHeldJob(t)
	const n = 20000
	dir := t.TempDir()
	write(t, dir, "f", "x")
	before := runtime.NumGoroutine()
	files := make([]future.Future[node], n)
	for i := range files {
		files[i] = j.file(entry{path: dir + "/f"})
	}
	all := executor.Spawn(j.tasks, future.All(files...))
	if more := runtime.NumGoroutine() - before; more > 10 {
		t.Errorf("%d files wait on %d goroutines more", n, more)
	}
	release()
	nodes, err := future.Await(j.ctx, all)
	if err != nil || len(nodes) != n || nodes[n-1].sum != nodes[0].sum || stderr.Len() > 0 {
		t.Errorf("%d nodes, %v, %s", len(nodes), err, stderr)
	}
	if peak := j.stats.peakPending.Load(); peak != n {
		t.Errorf("%d were pending at once, want %d", peak, n)
	}
}

// What is hashed is not pending any more, and a peak does not go down.
func TestPeak(t *testing.T) {
	var s stats
	for _, tt := range []struct{ found, done, peak int64 }{{5, 3, 2}, {9, 4, 5}, {10, 9, 5}} {
		s.found.Store(tt.found)
		s.done.Store(tt.done)
		s.sample()
		if peak := s.peakPending.Load(); peak != tt.peak {
			t.Errorf("%d of %d hashed: the peak is %d, want %d", tt.done, tt.found, peak, tt.peak)
		}
	}
}
