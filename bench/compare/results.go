package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// ours is the contestant that the others are compared with.
const ours = "await"

// results are the figures of a run.
type results struct {
	machine string
	tables  []table
}

// A table is a job, or one size of it.
type table struct {
	job  job
	size string
	rows []*row // in the order of the benchmark
}

// A row is a contestant, with a figure per round for each unit.
type row struct {
	impl   string
	values map[string][]float64
}

// parse reads the output of go test -bench.
func parse(r io.Reader) (*results, error) {
	res := new(results)
	reader := benchfmt.NewReader(r, "figures")
	for reader.Scan() {
		rec, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		if res.machine == "" {
			res.machine = rec.GetConfig("cpu") + ", " + rec.GetConfig("goos") + "/" + rec.GetConfig("goarch")
		}
		base, parts := rec.Name.Parts()
		size, impl := "", ""
		for _, p := range parts {
			s := strings.TrimPrefix(string(p), "/")
			if v, ok := strings.CutPrefix(s, "impl="); ok {
				impl = v
			} else if !strings.HasPrefix(s, "-") {
				size = s
			}
		}
		t, err := res.table(string(base), size)
		if err != nil {
			return nil, err
		}
		row := t.row(impl)
		for _, v := range rec.Values {
			row.values[v.Unit] = append(row.values[v.Unit], v.Value)
		}
	}
	if err := reader.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(res.tables, func(a, b table) int { return order(a) - order(b) })
	return res, nil
}

// order is the place of a table in the report.
func order(t table) int {
	i := slices.IndexFunc(jobs, func(j job) bool { return j.bench == t.job.bench })
	return 10*i + slices.Index(t.job.sizes, t.size)
}

func (r *results) table(bench, size string) (*table, error) {
	for i := range r.tables {
		if t := &r.tables[i]; t.job.bench == bench && t.size == size {
			return t, nil
		}
	}
	i := slices.IndexFunc(jobs, func(j job) bool { return j.bench == bench })
	if i < 0 {
		return nil, fmt.Errorf("there is no job %q", bench)
	}
	r.tables = append(r.tables, table{job: jobs[i], size: size})
	return &r.tables[len(r.tables)-1], nil
}

func (t *table) row(impl string) *row {
	for _, r := range t.rows {
		if r.impl == impl {
			return r
		}
	}
	r := &row{impl: impl, values: map[string][]float64{}}
	t.rows = append(t.rows, r)
	return r
}

// find returns the row of impl, or nil.
func (t *table) find(impl string) *row {
	for _, r := range t.rows {
		if r.impl == impl {
			return r
		}
	}
	return nil
}

// base returns the cheapest of our rows, or nil.
func (t *table) base() *row {
	return t.extreme(func(impl string) bool {
		return impl == ours || strings.HasPrefix(impl, ours+"-")
	}, -1)
}

// floor returns the dearest of the floors, or nil.
func (t *table) floor() *row {
	return t.extreme(func(impl string) bool { return strings.HasPrefix(impl, "floor:") }, 1)
}

// extreme returns the row with the greatest median of those that match, or with
// the smallest if sign is negative.
func (t *table) extreme(match func(impl string) bool, sign float64) *row {
	var best *row
	var most float64
	for _, r := range t.rows {
		v, ok := r.median(t.job.unit)
		if ok && match(r.impl) && (best == nil || sign*v > sign*most) {
			best, most = r, v
		}
	}
	return best
}

// median returns the median of the figures in unit, and whether there are any.
func (r *row) median(unit string) (float64, bool) {
	vs := r.values[unit]
	if len(vs) == 0 {
		return 0, false
	}
	return center(vs), true
}

// ratio returns the median over the rounds of r's figure divided by ours.
func (r *row) ratio(base *row, unit string) (float64, bool) {
	a, b := r.values[unit], base.values[unit]
	var qs []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			qs = append(qs, a[i]/b[i])
		}
	}
	if len(qs) == 0 {
		return 0, false
	}
	return center(qs), true
}

func center(vs []float64) float64 {
	s := benchmath.NewSample(slices.Clone(vs), &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(s, 0.95).Center
}
