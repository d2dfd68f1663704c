package main

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// charts are the groups of jobs, with the titles of their pictures.
var charts = []struct{ group, title string }{
	{"message", "One message"},
	{"fan", "Many results"},
	{"pool", "Through a pool"},
	{"task", "Tasks"},
	{"pending", "Pending waits, bytes each"},
}

// writeCharts draws a picture per group: for each job a cluster of bars, a bar
// for each peer, as high as its cost is a multiple of ours.
func writeCharts(dir string, r *results) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, c := range charts {
		if err := writeChart(filepath.Join(dir, c.group+".svg"), c.title, r.group(c.group)); err != nil {
			return fmt.Errorf("chart %s: %w", c.group, err)
		}
	}
	return nil
}

// group returns the tables of a chart.
func (r *results) group(name string) []*table {
	var ts []*table
	for i := range r.tables {
		if t := &r.tables[i]; t.job.group == name && t.base() != nil {
			ts = append(ts, t)
		}
	}
	return ts
}

// palette has a colour for each peer, dark enough for white paper.
var palette = []color.RGBA{
	{0x4c, 0x72, 0xb0, 0xff}, {0xdd, 0x84, 0x52, 0xff}, {0x55, 0xa8, 0x68, 0xff},
	{0xc4, 0x4e, 0x52, 0xff}, {0x81, 0x72, 0xb3, 0xff}, {0x93, 0x78, 0x60, 0xff},
	{0xda, 0x8b, 0xc3, 0xff}, {0x8c, 0x8c, 0x8c, 0xff}, {0xcc, 0xb9, 0x74, 0xff},
}

func writeChart(file, title string, ts []*table) error {
	if len(ts) == 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text = title + ": cost as a multiple of await's (line)"
	p.Y.Min, p.Y.Max = 0, 2
	var names []string
	for _, t := range ts {
		names = append(names, shortTitle(t))
	}
	p.NominalX(names...)
	p.X.Tick.Label.Rotation = math.Pi / 10
	p.X.Tick.Label.XAlign = -1
	p.Legend.Top = true

	shown := slices.DeleteFunc(slices.Clone(peers), func(x struct{ name, module string }) bool {
		return !slices.ContainsFunc(ts, func(t *table) bool { return t.find(x.name) != nil })
	})
	width := vg.Points(14)
	for i, peer := range shown {
		bars := make(plotter.Values, len(ts))
		for k, t := range ts {
			if row := t.find(peer.name); row != nil {
				bars[k], _ = row.ratio(t.base(), t.job.unit)
				p.Y.Max = max(p.Y.Max, bars[k]*1.1)
			}
		}
		chart, err := plotter.NewBarChart(bars, width)
		if err != nil {
			return err
		}
		chart.Color = palette[slices.IndexFunc(peers, func(x struct{ name, module string }) bool { return x.name == peer.name })%len(palette)]
		chart.LineStyle.Width = 0
		chart.Offset = vg.Length(float64(i)-float64(len(shown)-1)/2) * width
		p.Add(chart)
		p.Legend.Add(peer.name, chart)
	}
	line := plotter.NewFunction(func(float64) float64 { return 1 })
	line.Width = vg.Points(1)
	p.Add(line)
	return p.Save(vg.Length(len(ts))*vg.Points(180)+vg.Points(120), vg.Points(300), file)
}

func shortTitle(t *table) string {
	if t.size == "" {
		return t.job.bench
	}
	return t.job.bench + " " + t.size
}
