package await_test

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notCompiled are the pages whose code is not for users: it is of internal
// packages.
var notCompiled = []string{"docs/correctness.md"}

// moreImports are what the code in docs may use besides imports.
var moreImports = map[string]string{
	"futuretest": "github.com/go-await/await/future/futuretest",
	"goleak":     "go.uber.org/goleak",
	"http":       "net/http",
	"io":         "io",
	"net":        "net",
	"strconv":    "strconv",
	"sync":       "sync",
	"synctest":   "testing/synctest",
	"testing":    "testing",
}

// The Go code in docs compiles, prints what the comment at its end says, and if
// it is a test passes. Each page becomes the tests of a package.
func TestDocsSnippets(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command:", err)
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	module(t, dir)
	n := 0
	for _, page := range pages {
		page = filepath.ToSlash(page)
		if slices.Contains(notCompiled, page) {
			continue
		}
		source := testsOf(t, page)
		if source == nil {
			continue
		}
		n++
		name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(page), ".md"), "-", "")
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "page_test.go"), source, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if n < 5 {
		t.Errorf("only %d pages have code", n)
	}
	cmd := exec.Command("go", "test", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PWD="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// testsOf makes a file of tests from the code of a page, or returns nil if there
// is none. What is declared outside of functions is kept as it is; the rest
// becomes a function for each block, an example if it says what it prints. A
// comment <!-- go … --> holds what the code needs and the reader does not.
func testsOf(t *testing.T, page string) []byte {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := fences(t, page, "go")
	for _, m := range regexp.MustCompile(`(?s)<!-- go\n(.*?)-->`).FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
		blocks = append(blocks, m[1])
	}
	declaration := regexp.MustCompile(`(?m)^(func|type|var|const) `)
	var body strings.Builder
	for i, b := range blocks {
		switch {
		case strings.HasPrefix(b, "import "):
		case declaration.MatchString(b) && !strings.Contains(b, "// Output:"):
			fmt.Fprintf(&body, "%s\n", b)
		case strings.Contains(b, "// Output:"):
			fmt.Fprintf(&body, "func Example_block%d() {\n%s}\n\n", i, b)
		default:
			fmt.Fprintf(&body, "func _() {\n%s}\n\n", b)
		}
	}
	if body.Len() == 0 {
		return nil
	}
	source, err := format.Source([]byte("package page\n\n" + importsOf(t, page, body.String()) + body.String()))
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	return source
}

// importsOf returns the declaration of what some code uses.
func importsOf(t *testing.T, page, body string) string {
	t.Helper()
	known := maps.Clone(imports)
	maps.Copy(known, moreImports)
	file, err := parser.ParseFile(token.NewFileSet(), page, "package page\n\n"+body, 0)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && known[x.Name] != "" {
				used[x.Name] = true
			}
		}
		return true
	})
	var b strings.Builder
	b.WriteString("import (\n")
	for _, name := range slices.Sorted(maps.Keys(used)) {
		fmt.Fprintf(&b, "\t%s %q\n", name, known[name])
	}
	b.WriteString(")\n\n")
	return b.String()
}
