package await_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fences returns the code blocks of a language in a page.
func fences(t *testing.T, page, language string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	normal := strings.ReplaceAll(string(text), "\r\n", "\n")
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(normal, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// imports are what a snippet of the README may use, by the name it uses.
var imports = map[string]string{
	"ants":     "github.com/panjf2000/ants/v2",
	"antsx":    "github.com/go-await/await/adapters/ants",
	"context":  "context",
	"errgroup": "github.com/go-await/await/adapters/errgroup",
	"errors":   "errors",
	"executor": "github.com/go-await/await/executor",
	"fmt":      "fmt",
	"future":   "github.com/go-await/await/future",
	"oneshot":  "github.com/go-await/await/oneshot",
	"time":     "time",
}

// program makes a program of a snippet, which is one already or the body of main.
func program(snippet string) string {
	if strings.HasPrefix(snippet, "package ") {
		return snippet
	}
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	for name, path := range imports {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(snippet) {
			b.WriteString("\t" + name + " \"" + path + "\"\n")
		}
	}
	b.WriteString(")\n\nfunc main() {\n" + snippet + "}\n")
	return b.String()
}

// Every Go snippet of the README is run in a module of its own. A test passes, and
// anything else prints what the comment at its end says.
func TestReadmeSnippets(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command:", err)
	}
	snippets := fences(t, "README.md", "go")
	if len(snippets) == 0 {
		t.Fatal("the README has no Go snippet")
	}
	for _, snippet := range snippets {
		file, source, verb := "main.go", program(snippet), "run"
		_, output, found := strings.Cut(snippet, "// Output:")
		want := strings.TrimSpace(strings.ReplaceAll(output, "// ", ""))
		switch {
		case strings.Contains(snippet, "\nfunc Test"):
			file, source, verb = "snippet_test.go", snippet, "test"
			want = "ok"
		case !found:
			t.Errorf("a snippet says nothing about its output:\n%s", snippet)
			continue
		}
		dir := t.TempDir()
		module(t, dir)
		if err := os.WriteFile(filepath.Join(dir, file), []byte(source), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", verb, ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PWD="+dir)
		text, err := cmd.CombinedOutput()
		got := strings.TrimSpace(string(text))
		if verb == "test" {
			got = strings.Fields(got + " nothing")[0]
		}
		if err != nil || got != want {
			t.Errorf("%v: got\n%s\nwant\n%s\nof\n%s", err, text, want, snippet)
		}
	}
}

// module makes dir a module that uses this one, with the same dependencies, so
// that nothing has to be fetched.
func module(t *testing.T, dir string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	const path = "github.com/go-await/await"
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			text = []byte(strings.Replace(string(text), "module "+path, "module readme", 1) +
				"\nrequire " + path + " v0.0.0\n\nreplace " + path + " => " + filepath.ToSlash(here) + "\n")
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// The README has two commands, for whoever has just cloned the repository. The
// checks that run before a change lands run them as they stand there.
func TestReadmeCommands(t *testing.T) {
	const want = "go run ./examples/hashtree\ngo test ./...\n"
	if got := strings.Join(fences(t, "README.md", "sh"), "\n"); got != want {
		t.Errorf("got commands\n%s\nwant\n%s", got, want)
	}
}

// The README's comparison is a part of the measured one: each row of its two tables
// stands there, below the same columns.
func TestReadmeComparison(t *testing.T) {
	results, err := os.ReadFile("bench/RESULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "## Beside what you would use instead")
	table, _, _ = strings.Cut(table, "\n## ")
	measured := columns(string(results))
	rows := 0
	for line, head := range columns(table) {
		if rows++; measured[line] != head {
			t.Errorf("not in bench/RESULTS.md below %s %s", head, line)
		}
	}
	if rows < 10 {
		t.Errorf("the README compares in %d rows", rows)
	}
}

// columns returns the rows of the tables in a text, each with the head of its table.
func columns(text string) map[string]string {
	heads := map[string]string{}
	head := ""
	for line := range strings.Lines(text) {
		switch {
		case !strings.HasPrefix(line, "|"):
			head = ""
		case head == "":
			head = line
		case !strings.HasPrefix(line, "|-"):
			heads[line] = head
		}
	}
	return heads
}
