package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/examples/internal/program"
)

// The default pool of ants has two goroutines, which are ended so that none need be
// ignored.
func TestMain(m *testing.M) { program.Main(m, main, ants.Release) }

// crawl runs the program, and returns the lines of what it printed, sorted.
func crawl(t *testing.T, args ...string) (lines []string, stderr string, status int) {
	t.Helper()
	stdout, stderr, status := program.Run(t, program.Command(t, args...))
	return slices.Sorted(strings.Lines(stdout)), stderr, status
}

// The order of the lines is that in which the answers come; the lines are always
// the same.
func TestSite(t *testing.T) {
	want := []string{
		"/:10: \"./nowhere.html#x\": 404 Not Found\n",
		"/:11: \"missing.png\": 404 Not Found\n",
		"/:13: \"#nothing\": there is no such fragment\n",
		"/:8: \"guide/two.html#third\": there is no such fragment\n",
		"/:9: \"nowhere.html\": 404 Not Found\n",
		"/guide/:8: \"three.html\": 404 Not Found\n",
		"10 addresses, 20 links: 6 broken, 2 not followed\n",
	}
	for _, workers := range []string{"1", "3", "8"} {
		lines, stderr, status := crawl(t, "-progress", "0", "-workers", workers, "testdata/site")
		slices.Sort(want)
		if !slices.Equal(lines, want) || stderr != "" || status != statusBroken {
			t.Errorf("%s workers: status %d, %q, %q\nwant %q", workers, status, lines, stderr, want)
		}
	}
	lines, stderr, status := crawl(t, "-start", "/guide/two.html", "-progress", "0", "testdata/site/guide")
	if len(lines) != 2 || status != statusBroken || stderr != "" {
		t.Errorf("the guide alone: status %d, %q, %q", status, lines, stderr)
	}
}

func TestNothingBroken(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/index.html", []byte(`<a href="/">me</a><a href="?q=1#">still me</a>`), 0o666); err != nil {
		t.Fatal(err)
	}
	lines, stderr, status := crawl(t, dir)
	if want := "2 addresses, 4 links: 0 broken, 0 not followed\n"; strings.Join(lines, "") != want || stderr != "" || status != statusOK {
		t.Errorf("status %d, %q, %q, want %q", status, lines, stderr, want)
	}
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"-h"}, statusOK, "usage: crawl"},
		{[]string{"-h"}, statusOK, "-workers N"},
		{[]string{"testdata/nowhere"}, statusBroken, "testdata/nowhere"},
		{[]string{"main.go"}, statusBroken, "main.go is not a folder"},
	} {
		lines, stderr, status := crawl(t, tt.args...)
		if status != tt.status || len(lines) > 0 || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%v: status %d, %q, %q, want %d and %q", tt.args, status, lines, stderr, tt.status, tt.stderr)
		}
		if told := strings.Contains(stderr, "usage: crawl"); told != (tt.status != statusBroken) {
			t.Errorf("%v: the usage is told: %v", tt.args, told)
		}
	}
	// A start that is not there is one broken link more.
	if lines, _, status := crawl(t, "-start", "/nosuch", "testdata/site"); status != statusBroken || len(lines) != 2 || lines[0] != "/nosuch: 404 Not Found\n" {
		t.Errorf("-start /nosuch: status %d, %q", status, lines)
	}
}

// A usage error prints the message and the usage, a line each, and the status is 2.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		message string
	}{
		{nil, "name one DIR"},
		{[]string{"-progress", "-1s", "testdata"}, "-progress not negative"},
		{[]string{"-start", "", "testdata"}, "-start must begin"},
		{[]string{"-workers", "0", "testdata"}, "-workers must be positive"},
		{[]string{"-timeout", "0", "testdata"}, "-timeout must be positive"},
		{[]string{"-start", "x", "testdata"}, "-start must begin"},
		{[]string{"-\x1b[2J"}, `-\x1b[2J`},
	} {
		program.Misuse(t, program.Command(t, tt.args...), "crawl", tt.message)
	}
}

// What a page says cannot move the cursor of the terminal that its links are
// printed on, nor look like a line of its own.
func TestTextOfPagesIsQuoted(t *testing.T) {
	dir := t.TempDir()
	const text = "x\x1b[2J\n/:1: \"fake\u202e"
	if err := os.WriteFile(dir+"/index.html", []byte(`<a href='`+text+`'>x</a><a href='gone?`+"\u009b"+`'>y</a><a href="page">p</a>`), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/page", []byte(`<html><a href='/#`+"\x1b"+`'>x</a>`), 0o666); err != nil {
		t.Fatal(err)
	}
	lines, stderr, _ := crawl(t, "-progress", "0", dir)
	want := "/:1: \"x\\x1b[2J\\n/:1: \\\"fake\\u202e\": not an address\n"
	if !slices.Contains(lines, want) || stderr != "" {
		t.Errorf("got %q and %q, want %q in it", lines, stderr, want)
	}
	if all := strings.Join(lines, ""); strings.ContainsAny(all, "\x1b\u009b\u202e") {
		t.Errorf("got %q", all)
	}
	lines, _, _ = crawl(t, "-progress", "0", "-start", "/?\u009b", dir+"/nosuch\x1b[2J")
	if len(lines) > 0 {
		t.Errorf("got %q", lines)
	}
}
