package await_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// obvious are methods of which an example would show nothing.
var obvious = map[string]bool{"Settles": true, "Holds": true, "String": true}

// A reader who looks up an exported name finds what it means and sees it used, in an
// example that is run: a function in one of its own, a method in one of its own or
// of its type, a type in one of its own or of what takes or returns it, a variable
// or constant in any of the package.
func TestExportedNamesHaveExamples(t *testing.T) {
	for _, dir := range exported {
		t.Run(dir, func(t *testing.T) {
			p := documentation(t, dir)
			all := run(p.Examples)
			check := func(name, comment string, shown bool) {
				if comment == "" {
					t.Errorf("%s has no comment", name)
				}
				if !shown {
					t.Errorf("%s has no example with an output", name)
				}
			}
			check("the package", p.Doc, true)
			functions, values := p.Funcs, slices.Concat(p.Consts, p.Vars)
			var signatures []ast.Node // of what has an example
			for _, typ := range p.Types {
				functions = append(functions, typ.Funcs...)
				values = slices.Concat(values, typ.Consts, typ.Vars)
				of := run(typ.Examples)
				for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
					of = append(of, run(f.Examples)...)
				}
				all = append(all, of...)
				for _, m := range typ.Methods {
					own := run(m.Examples)
					if len(own) > 0 {
						signatures = append(signatures, m.Decl.Type, m.Decl.Recv)
					}
					check(typ.Name+"."+m.Name, m.Doc, len(own) > 0 || obvious[m.Name] || use(of, m.Name))
				}
			}
			for _, f := range functions {
				own := run(f.Examples)
				if len(own) > 0 {
					signatures = append(signatures, f.Decl.Type)
				}
				all = append(all, own...)
				check(f.Name, f.Doc, len(own) > 0)
			}
			for _, typ := range p.Types {
				check(typ.Name, typ.Doc, len(run(typ.Examples)) > 0 || slices.ContainsFunc(signatures, func(n ast.Node) bool { return names(n, typ.Name) }))
			}
			for _, v := range values {
				for _, name := range v.Names {
					check(name, v.Doc+comment(v.Decl, name), use(all, name))
				}
			}
		})
	}
}

// run returns the examples that are run, and not only compiled.
func run(examples []*doc.Example) (are []*doc.Example) {
	for _, x := range examples {
		if x.Output != "" || x.EmptyOutput {
			are = append(are, x)
		}
	}
	return are
}

// use reports whether one of the examples uses a name.
func use(examples []*doc.Example, name string) bool {
	return slices.ContainsFunc(examples, func(x *doc.Example) bool { return names(x.Code, name) })
}

// names reports whether some code has a name in it.
func names(code ast.Node, name string) (has bool) {
	ast.Inspect(code, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		has = has || ok && id.Name == name
		return !has
	})
	return has
}

// comment returns what is said of one name of a declaration.
func comment(d *ast.GenDecl, name string) string {
	for _, s := range d.Specs {
		if s, ok := s.(*ast.ValueSpec); ok && slices.ContainsFunc(s.Names, func(id *ast.Ident) bool { return id.Name == name }) {
			return s.Doc.Text() + s.Comment.Text()
		}
	}
	return ""
}

// documentation returns what go doc knows of the package in dir.
func documentation(t *testing.T, dir string) *doc.Package {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/go-await/await/"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
