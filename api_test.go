package await_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/api.txt")

// exported are the packages that users import.
var exported = []string{"future", "future/futuretest", "oneshot", "executor", "adapters/ants", "adapters/errgroup"}

// What is exported is what docs/api.txt says: it changes on purpose, or not at all.
func TestAPI(t *testing.T) {
	var lines []string
	for _, dir := range exported {
		lines = append(lines, surface(t, dir)...)
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile("docs/api.txt", []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("docs/api.txt")
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(want), "\r\n", "\n")), "\n")
	for _, l := range lines {
		if !slices.Contains(old, l) {
			t.Errorf("new:  %s", l)
		}
	}
	for _, l := range old {
		if !slices.Contains(lines, l) {
			t.Errorf("gone: %s", l)
		}
	}
	if t.Failed() {
		t.Log("if that is on purpose: go test . -run TestAPI -update, and a line in CHANGELOG.md")
	}
}

// surface returns what the package in dir exports, a line for each name, sorted.
func surface(t *testing.T, dir string) []string {
	t.Helper()
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := surfacePackage{t: t, fset: token.NewFileSet(), dir: dir, methods: map[string][]string{}, aliases: map[string]ast.Expr{}}
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(p.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		p.files = append(p.files, f)
	}
	for _, f := range p.files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				p.function(d)
			case *ast.GenDecl:
				p.alias(d)
			}
		}
	}
	for _, f := range p.files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.GenDecl); ok {
				p.declaration(d)
			}
		}
	}
	slices.Sort(p.lines)
	return slices.Compact(p.lines)
}

// A surfacePackage is a package whose surface is being listed.
type surfacePackage struct {
	t       *testing.T
	fset    *token.FileSet
	dir     string
	files   []*ast.File
	methods map[string][]string // of unexported types, which may be embedded
	aliases map[string]ast.Expr // what they stand for, likewise
	lines   []string
}

func (p *surfacePackage) add(format string, args ...any) {
	p.lines = append(p.lines, path.Clean(p.dir)+": "+fmt.Sprintf(format, args...))
}

// text prints a node on a single line.
func (p *surfacePackage) text(n any) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, p.fset, n); err != nil {
		p.t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (p *surfacePackage) function(d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	d.Doc, d.Body = nil, nil
	if d.Recv == nil {
		p.add("%s", p.text(d))
		return
	}
	switch name := typeName(d.Recv.List[0].Type); {
	case ast.IsExported(name):
		d.Recv.List[0].Names = nil
		p.add("%s", p.text(d))
	default:
		p.methods[name] = append(p.methods[name], p.text(&ast.FuncDecl{Name: d.Name, Type: d.Type}))
	}
}

func (p *surfacePackage) alias(d *ast.GenDecl) {
	for _, s := range d.Specs {
		if s, ok := s.(*ast.TypeSpec); ok && s.Assign != token.NoPos {
			p.aliases[s.Name.Name] = s.Type
		}
	}
}

func (p *surfacePackage) declaration(d *ast.GenDecl) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() {
					p.value(d.Tok, name, s)
				}
			}
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				p.typ(s)
			}
		}
	}
}

func (p *surfacePackage) value(kind token.Token, name *ast.Ident, s *ast.ValueSpec) {
	if s.Type == nil {
		p.add("%s %s", kind, name)
		return
	}
	p.add("%s %s %s", kind, name, p.text(s.Type))
}

// typ lists a type, and the exported fields and methods that it has by itself or
// by what it embeds.
func (p *surfacePackage) typ(s *ast.TypeSpec) {
	head := s.Name.Name
	if s.TypeParams != nil {
		var params []string
		for _, f := range s.TypeParams.List {
			var names []string
			for _, n := range f.Names {
				names = append(names, n.Name)
			}
			params = append(params, strings.Join(names, ", ")+" "+p.text(f.Type))
		}
		head += "[" + strings.Join(params, ", ") + "]"
	}
	if s.Assign != token.NoPos {
		head += " ="
	}
	switch u := s.Type.(type) {
	case *ast.StructType:
		p.add("type %s struct", head)
		p.members(s.Name.Name, u.Fields)
	case *ast.InterfaceType:
		p.add("type %s interface", head)
		p.members(s.Name.Name, u.Methods)
	default:
		if hidden(u) {
			p.add("type %s", head)
		} else {
			p.add("type %s %s", head, p.text(u))
		}
	}
}

// hidden reports whether x names something that is not exported, and so is
// nobody's business.
func hidden(x ast.Expr) (is bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // of another package
			return false
		case *ast.Ident:
			is = is || !n.IsExported() && types.Universe.Lookup(n.Name) == nil
		}
		return true
	})
	return is
}

func (p *surfacePackage) members(of string, fields *ast.FieldList) {
	for _, f := range fields.List {
		for _, name := range f.Names {
			if name.IsExported() {
				p.add("type %s: %s %s", of, name, strings.TrimPrefix(p.text(f.Type), "func"))
			}
		}
		if len(f.Names) > 0 {
			continue
		}
		name, embedded := typeName(f.Type), f.Type
		if a := p.aliases[name]; a != nil {
			name, embedded = typeName(a), a
		}
		if ast.IsExported(name) {
			p.add("type %s: embeds %s", of, p.text(embedded))
		}
		for _, m := range p.methods[name] {
			p.add("type %s: promoted %s", of, m)
		}
	}
}

// typeName returns the name of the type of a receiver or an embedded field.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.IndexListExpr:
		return typeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}
