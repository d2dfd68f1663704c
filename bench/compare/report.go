package main

import (
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchunit"
)

// peers are the columns of the overview, by the names of their contestants.
var peers = []struct {
	name, module string
	library      bool // others than Go's own
}{
	{"chan", "", false},
	{"waitgroup", "", false},
	{"errgroup", "golang.org/x/sync", false},
	{"conc", "github.com/sourcegraph/conc", true},
	{"pond", "github.com/alitto/pond/v2", true},
	{"go-future", "github.com/jizhuozhi/go-future", true},
	{"reugn", "github.com/reugn/async", true},
	{"b97tsk", "github.com/b97tsk/async", true},
	{"ants-chan", "github.com/panjf2000/ants/v2", true},
}

// writeReport writes RESULTS.md.
func writeReport(w io.Writer, r *results, command string) error {
	fmt.Fprintf(w, `# await beside what one would use instead

Measured on %s, %d processors, %s, on %s, with

    %s

in this folder. Each job runs the contestants in turn, round after round; figures
are medians over the rounds, and a ratio is the median of the rounds' ratios, so
that a machine whose speed drifts does little harm. Above 1 the peer takes more
than await. A dash means that the peer cannot do the job. Rows that begin with
"floor" are no contestants: they are what the runtime charges for parts that the
job cannot do without, and the overview has the dearest of them.

## Overview: each peer's cost, as a multiple of await's

Where await has several ways to do a job, such as tasks with a stack and without,
the multiple is of the cheapest, which the second column names if it is not the
first. The ways differ in what they offer, and the peers do too: look at the job's
own table. A job that none of a table's peers can do is not in it.

`, r.machine, runtime.NumCPU(), runtime.Version(), time.Now().Format("2 January 2006"), command)
	writeOverview(w, r)
	fmt.Fprintf(w, "\n## Versions\n\n")
	writeVersions(w)
	for i := range r.tables {
		writeTable(w, &r.tables[i])
	}
	return nil
}

// writeOverview writes what await costs, and what the peers cost beside it: a
// table for those that come with Go and one for libraries, since one for all
// would be wider than a page. A job stands where a peer of the table can do it.
func writeOverview(w io.Writer, r *results) {
	for _, part := range []struct {
		title   string
		library bool
	}{{"What comes with Go", false}, {"Libraries", true}} {
		fmt.Fprintf(w, "### %s\n\n", part.title)
		head, rule := "| job | await |", "|---|---:|"
		for _, p := range peers {
			if p.library == part.library {
				head += " " + p.name + " |"
				rule += "---:|"
			}
		}
		if !part.library {
			head += " floor |"
			rule += "---:|"
		}
		fmt.Fprintln(w, head)
		fmt.Fprintln(w, rule)
		for i := range r.tables {
			if line := overviewLine(&r.tables[i], part.library); line != "" {
				fmt.Fprintln(w, line)
			}
		}
		fmt.Fprintln(w)
	}
	for _, c := range charts {
		if len(r.group(c.group)) > 0 {
			fmt.Fprintf(w, "![%s: %s, as a multiple of await's](charts/%s.svg)\n", c.title, c.what, c.group)
		}
	}
}

// overviewLine returns the line of a job, or "" if none of the peers can do it.
func overviewLine(t *table, library bool) string {
	base := t.base()
	if base == nil || t.job.more {
		return ""
	}
	cells, found := "", false
	for _, p := range peers {
		if p.library == library {
			found = found || t.find(p.name) != nil
			cells += " " + ratioCell(t.find(p.name), base, t.job.unit) + " |"
		}
	}
	if !found {
		return ""
	}
	if !library {
		cells += " " + ratioCell(t.floor(), base, t.job.unit) + " |"
	}
	with := strings.TrimPrefix(cost(base, t.job.unit), ours+" ")
	return "| " + t.title() + " | " + with + " |" + cells
}

// cost is what a row of ours costs, for people: "await 42.3 ns".
func cost(r *row, unit string) string {
	v, _ := r.median(unit)
	s := fmt.Sprintf("%.3g B", v)
	if strings.Contains(unit, "sec") {
		for _, u := range []struct {
			name string
			size float64
		}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}} {
			if v >= u.size || u.name == "ns" {
				s = fmt.Sprintf("%.3g %s", v/u.size, u.name)
				break
			}
		}
	}
	return r.impl + " " + s
}

func ratioCell(r, base *row, unit string) string {
	if r == nil {
		return "–"
	}
	q, ok := r.ratio(base, unit)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.2f", q)
}

func (t *table) title() string {
	if t.size == "" {
		return t.job.title
	}
	return t.job.title + ", " + strings.ReplaceAll(t.size, "=", " = ")
}

// writeTable writes the rows of a job, with all that was measured.
func writeTable(w io.Writer, t *table) {
	fmt.Fprintf(w, "\n## %s\n\n`Benchmark%s`\n\n", t.title(), t.job.bench)
	units := t.units()
	head, rule := "| |", "|---|"
	for _, u := range units {
		head += " " + u + " |"
		rule += "---:|"
	}
	base := t.base()
	if base != nil && !t.job.more {
		head += " × " + base.impl + " |"
		rule += "---:|"
	}
	fmt.Fprintln(w, head)
	fmt.Fprintln(w, rule)
	for _, r := range t.rows {
		line := "| " + r.impl + " |"
		for _, u := range units {
			line += " " + figure(r, u) + " |"
		}
		if base != nil && !t.job.more {
			line += " " + ratioCell(r, base, t.job.unit) + " |"
		}
		fmt.Fprintln(w, line)
	}
}

// units are what the job measured, the compared unit first.
func (t *table) units() []string {
	var us []string
	for _, r := range t.rows {
		for u := range r.values {
			if !slices.Contains(us, u) {
				us = append(us, u)
			}
		}
	}
	rank := func(u string) string {
		if u == t.job.unit {
			return ""
		}
		return u
	}
	slices.SortFunc(us, func(a, b string) int { return strings.Compare(rank(a), rank(b)) })
	return us
}

func figure(r *row, unit string) string {
	v, ok := r.median(unit)
	if !ok {
		return "–"
	}
	return benchunit.Scale(v, benchunit.ClassOf(unit))
}

func writeVersions(w io.Writer) {
	for _, p := range peers {
		if p.module != "" {
			fmt.Fprintf(w, "- %s: `%s` %s\n", p.name, p.module, versionOf(p.module))
		}
	}
}

// versionOf returns the version of a module that go.mod pins.
func versionOf(module string) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
