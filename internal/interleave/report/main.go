// Report turns the output of models into the tables of a document:
//
//	go test -json -tags interleave -run '^TestModel' ./... | go run ./internal/interleave/report docs/correctness.md
//
// It replaces what is between the lines "<!-- models -->" and "<!-- /models -->"
// of the file. Models that are named TestModel/row/column make a table, the
// others a list. It fails if a test has failed.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("report: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: go test -json ... | report FILE")
	}
	packages, err := read(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	if len(packages) == 0 {
		log.Fatal("no model has reported anything")
	}
	if err := update(os.Args[1], packages); err != nil {
		log.Fatal(err)
	}
}

// A model is what one test has reported.
type model struct {
	row, column   string
	interleavings float64
	executions    int
	states        int
	preemptions   string // the limit, or ""
}

// A bug is one that was planted.
type bug struct{ name, model, how string }

// A group is the models of a test.
type group struct {
	name   string
	models []model
	bugs   []bug
}

// A pkg is the groups of a package, in the order in which they ran.
type pkg struct {
	path   string
	groups []*group
}

func (p *pkg) group(name string) *group {
	for _, g := range p.groups {
		if g.name == name {
			return g
		}
	}
	g := &group{name: name}
	p.groups = append(p.groups, g)
	return g
}

var (
	explored = regexp.MustCompile(`: interleave: ([0-9.e+]+) interleavings, (\d+) executions, (\d+) states, at most \d+ steps(?: and (\d+) preemptions)?$`)
	caught   = regexp.MustCompile(`\.go:\d+: caught by (\S+): ([^:]+): .*\((\w+)\)$`)
)

// read reads what go test -json writes.
func read(r io.Reader) ([]*pkg, error) {
	var packages []*pkg
	byPath := map[string]*pkg{}
	for lines := bufio.NewScanner(r); ; {
		if !lines.Scan() {
			slices.SortFunc(packages, func(a, b *pkg) int { return cmp.Compare(a.path, b.path) })
			return packages, lines.Err()
		}
		var event struct{ Action, Package, Test, Output string }
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("%q: %w", lines.Text(), err)
		}
		if event.Action == "fail" {
			return nil, fmt.Errorf("%s %s has failed", event.Package, event.Test)
		}
		p := byPath[event.Package]
		if p == nil {
			p = &pkg{path: event.Package}
			byPath[event.Package] = p
		}
		if p.add(event.Test, strings.TrimSpace(event.Output)) && !slices.Contains(packages, p) {
			packages = append(packages, p)
		}
	}
}

// add adds what a line of a test's output says, and reports whether it says
// anything.
func (p *pkg) add(test, line string) bool {
	name, sub, _ := strings.Cut(test, "/")
	sub = strings.ReplaceAll(sub, "_", " ")
	if f := explored.FindStringSubmatch(line); f != nil {
		m := model{preemptions: f[4]}
		m.row, m.column, _ = strings.Cut(sub, "/")
		fmt.Sscan(f[1], &m.interleavings)
		fmt.Sscan(f[2], &m.executions)
		fmt.Sscan(f[3], &m.states)
		g := p.group(name)
		g.models = append(g.models, m)
		return true
	}
	if f := caught.FindStringSubmatch(line); f != nil {
		g := p.group(name)
		g.bugs = append(g.bugs, bug{sub, strings.ReplaceAll(f[1], "_", " "), f[2]})
		return true
	}
	return false
}

// update replaces the tables of a file.
func update(file string, packages []*pkg) error {
	const begin, end = "<!-- models -->\n", "<!-- /models -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, ok := bytes.Cut(text, []byte(begin))
	_, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return fmt.Errorf("%s has no lines %q and %q", file, begin, end)
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString(begin)
	write(&b, packages)
	b.WriteString(end)
	b.Write(tail)
	return os.WriteFile(file, b.Bytes(), 0o644)
}

func write(w io.Writer, packages []*pkg) {
	fmt.Fprintf(w, "\n| package | models | interleavings | executions | states | bugs caught |\n|---|--:|--:|--:|--:|--:|\n")
	for _, p := range packages {
		var sum model
		models, bugs := 0, 0
		for _, g := range p.groups {
			models += len(g.models)
			bugs += len(g.bugs)
			for _, m := range g.models {
				sum.interleavings += m.interleavings
				sum.executions += m.executions
				sum.states += m.states
			}
		}
		fmt.Fprintf(w, "| %s | %d | %s | %d | %d | %d |\n", p.path[strings.LastIndexByte(p.path, '/')+1:],
			models, number(sum.interleavings), sum.executions, sum.states, bugs)
	}
	for _, p := range packages {
		fmt.Fprintf(w, "\n### %s\n", p.path)
		p.writeList(w)
		for _, g := range p.groups {
			switch {
			case len(g.bugs) > 0:
				g.writeBugs(w)
			case g.models[0].column != "":
				g.writeTable(w)
			}
		}
	}
	fmt.Fprintln(w)
}

// writeList writes the models that have no place in a table.
func (p *pkg) writeList(w io.Writer) {
	head := "\n| model | interleavings | executions | states |\n|---|--:|--:|--:|\n"
	for _, g := range p.groups {
		for _, m := range g.models {
			if m.column == "" {
				fmt.Fprintf(w, "%s| %s | %s | %d | %d |\n", head, strings.TrimSpace(g.name+" "+m.row), m.cell(), m.executions, m.states)
				head = ""
			}
		}
	}
}

func (g *group) writeBugs(w io.Writer) {
	slices.SortFunc(g.bugs, func(a, b bug) int { return cmp.Compare(a.name, b.name) })
	fmt.Fprintf(w, "\n%s\n\n| bug | caught by | as |\n|---|---|---|\n", g.name)
	for _, b := range g.bugs {
		fmt.Fprintf(w, "| %s | %s | %s |\n", b.name, b.model, b.how)
	}
}

// writeTable writes the number of interleavings of each model.
func (g *group) writeTable(w io.Writer) {
	var rows, columns []string
	cells := map[[2]string]string{}
	for _, m := range g.models {
		if !slices.Contains(rows, m.row) {
			rows = append(rows, m.row)
		}
		if !slices.Contains(columns, m.column) {
			columns = append(columns, m.column)
		}
		cells[[2]string{m.row, m.column}] = m.cell()
	}
	fmt.Fprintf(w, "\n%s\n\n| | %s |\n|---|%s\n", g.name, strings.Join(columns, " | "), strings.Repeat("--:|", len(columns)))
	for _, row := range rows {
		fmt.Fprintf(w, "| %s |", row)
		for _, column := range columns {
			fmt.Fprintf(w, " %s |", cells[[2]string{row, column}])
		}
		fmt.Fprintln(w)
	}
}

// cell is the number of interleavings, with the limit.
func (m *model) cell() string {
	if m.preemptions != "" {
		return number(m.interleavings) + " ≤" + m.preemptions
	}
	return number(m.interleavings)
}

func number(n float64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1e", n)
}
