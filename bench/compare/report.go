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
var peers = []struct{ name, module string }{
	{"chan", ""},
	{"waitgroup", ""},
	{"errgroup", "golang.org/x/sync"},
	{"conc", "github.com/sourcegraph/conc"},
	{"pond", "github.com/alitto/pond/v2"},
	{"go-future", "github.com/jizhuozhi/go-future"},
	{"reugn", "github.com/reugn/async"},
	{"b97tsk", "github.com/b97tsk/async"},
	{"ants-chan", "github.com/panjf2000/ants/v2"},
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
the multiple is of the cheapest, whose row the second column names. The ways differ
in what they offer, and the peers do too: look at the job's own table.

`, r.machine, runtime.NumCPU(), runtime.Version(), time.Now().Format("2 January 2006"), command)
	writeOverview(w, r)
	fmt.Fprintf(w, "\n## Versions\n\n")
	writeVersions(w)
	for i := range r.tables {
		writeTable(w, &r.tables[i])
	}
	return nil
}

func writeOverview(w io.Writer, r *results) {
	head, rule := "| job | await's row |", "|---|---|"
	for _, p := range peers {
		head += " " + p.name + " |"
		rule += "---:|"
	}
	head += " floor |"
	rule += "---:|"
	fmt.Fprintln(w, head)
	fmt.Fprintln(w, rule)
	for i := range r.tables {
		t := &r.tables[i]
		base := t.base()
		if base == nil || t.job.more {
			continue
		}
		line := "| " + t.title() + " | " + base.impl + " |"
		for _, p := range peers {
			line += " " + ratioCell(t.find(p.name), base, t.job.unit) + " |"
		}
		fmt.Fprintln(w, line+" "+ratioCell(t.floor(), base, t.job.unit)+" |")
	}
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
