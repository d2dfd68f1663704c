package executor_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// Every exported function and method has an example that runs.
func TestEntryPointsHaveExamples(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		f, err := parser.ParseFile(files, e.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	p, err := doc.NewFromFiles(files, parsed, "github.com/go-await/await/executor")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	check := func(name string, examples []*doc.Example) {
		n++
		for _, x := range examples {
			if x.Output != "" || x.EmptyOutput {
				return
			}
		}
		t.Errorf("%s has no example with an output", name)
	}
	for _, f := range p.Funcs {
		check(f.Name, f.Examples)
	}
	for _, typ := range p.Types {
		for _, f := range typ.Funcs {
			check(f.Name, f.Examples)
		}
		for _, m := range typ.Methods {
			if m.Name != "Settles" { // it does nothing
				check(typ.Name+"."+m.Name, m.Examples)
			}
		}
	}
	if n < 30 {
		t.Errorf("%d entry points were found", n)
	}
}
