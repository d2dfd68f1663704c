package main

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// charts are the groups of jobs, with the titles of their pictures.
var charts = []struct{ group, title, what string }{
	{"message", "One message", "time"},
	{"fan", "Many results", "time"},
	{"pool", "Through a pool", "time"},
	{"task", "Tasks", "time"},
	{"pending", "Pending waits", "bytes"},
}

// writeCharts draws a picture per group: for each job a bar for each peer, to the
// right of the line in the middle if the peer is dearer than await and to the
// left if it is cheaper.
func writeCharts(dir string, r *results) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, c := range charts {
		ts := r.group(c.group)
		if len(ts) == 0 {
			continue
		}
		svg, err := draw(fmt.Sprintf("%s: %s, as a multiple of await's", c.title, c.what), ts)
		if err != nil {
			return fmt.Errorf("chart %s: %w", c.group, err)
		}
		if err := os.WriteFile(filepath.Join(dir, c.group+".svg"), svg, 0o666); err != nil {
			return err
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

// A bar is a peer's cost as a multiple of ours.
type bar struct {
	name  string
	ratio float64
	floor bool
}

// bars returns a bar for each peer that can do the job, and one for the floor.
func (t *table) bars() []bar {
	var bars []bar
	base := t.base()
	add := func(name string, r *row, floor bool) {
		if r == nil {
			return
		}
		if q, ok := r.ratio(base, t.job.unit); ok && q > 0 {
			bars = append(bars, bar{name, q, floor})
		}
	}
	for _, p := range peers {
		add(p.name, t.find(p.name), false)
	}
	add("floor", t.floor(), true)
	return bars
}

// What is cheaper than await, dearer, and what is no peer.
var (
	cheaper = color.RGBA{0xbc, 0x4c, 0x00, 0xff}
	dearer  = color.RGBA{0x09, 0x69, 0xda, 0xff}
	parts   = color.RGBA{0x8c, 0x95, 0x9f, 0xff}
	grid    = color.RGBA{0xd8, 0xde, 0xe4, 0xff}

	fills = []color.Color{cheaper, dearer, parts}
)

// Lengths of a picture, which is about as wide as a page shows it.
const (
	width     = 600 * vg.Inch / 72
	rowHeight = 16 * vg.Inch / 72
	barHeight = 11 * vg.Inch / 72
	frame     = 96 * vg.Inch / 72 // of title, scale and margin
	margin    = 12 * vg.Inch / 72
	gap       = 4 * vg.Inch / 72 // between a bar and its figure
)

// A page is what a picture shows, in rows from below: each job's title, and under
// it its bars, which begin at 1 on a logarithmic scale. So twice as dear and half
// as dear are bars of the same length.
type page struct {
	scale  []float64
	names  []string                       // of the bars
	bars   map[color.Color]plotter.Values // their lengths
	lines  []plot.Plotter                 // at 1, for each job
	titles plotter.XYLabels
	left   plotter.XYLabels // figures beside bars to the left
	right  plotter.XYLabels
}

func layOut(ts []*table) (*page, error) {
	rows, low, high := len(ts), 0.5, 2.0
	for _, t := range ts {
		for _, b := range t.bars() {
			low, high = min(low, b.ratio), max(high, b.ratio)
			rows++
		}
	}
	p := &page{scale: ticks(low, high), names: make([]string, rows), bars: map[color.Color]plotter.Values{}}
	for _, c := range fills {
		p.bars[c] = make(plotter.Values, rows)
	}
	write := func(l *plotter.XYLabels, x float64, y int, text string) {
		l.XYs = append(l.XYs, plotter.XY{X: x, Y: float64(y)})
		l.Labels = append(l.Labels, text)
	}
	y := rows
	for _, t := range ts {
		y--
		write(&p.titles, math.Log(p.scale[0]), y, t.title()+": "+cost(t.base(), t.job.unit))
		from := float64(y) - 0.5
		for _, b := range t.bars() {
			y--
			fill, beside := dearer, &p.right
			if b.ratio < 1 {
				fill, beside = cheaper, &p.left
			}
			if b.floor {
				fill = parts
			}
			p.names[y], p.bars[fill][y] = b.name, math.Log(b.ratio)
			write(beside, math.Log(b.ratio), y, fmt.Sprintf("%.2f", b.ratio))
		}
		line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: from}, {X: 0, Y: float64(y) - 0.5}})
		if err != nil {
			return nil, err
		}
		p.lines = append(p.lines, line)
	}
	return p, nil
}

// draw returns the picture of some jobs.
func draw(title string, ts []*table) ([]byte, error) {
	page, err := layOut(ts)
	if err != nil {
		return nil, err
	}
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = "× await; to the left is cheaper; floor: what the runtime charges for the parts"
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font} {
		f.Variant = "Sans"
	}
	p.X.Label.TextStyle.Font.Size, p.X.Label.Padding, p.Title.Padding = 10, 6, 8
	p.NominalY(page.names...)
	var marks plot.ConstantTicks
	for _, v := range page.scale {
		marks = append(marks, plot.Tick{Value: math.Log(v), Label: fmt.Sprint(v)})
	}
	p.X.Tick.Marker = marks

	lines := plotter.NewGrid()
	lines.Horizontal.Width, lines.Vertical.Color = 0, grid
	p.Add(lines)
	for _, fill := range fills {
		bars, err := plotter.NewBarChart(page.bars[fill], barHeight)
		if err != nil {
			return nil, err
		}
		bars.Horizontal, bars.Color, bars.LineStyle.Width = true, fill, 0
		p.Add(bars)
	}
	p.Add(page.lines...)
	for _, l := range []struct {
		plotter.XYLabels
		align  text.XAlignment
		offset vg.Length
		weight xfont.Weight
	}{
		{page.titles, text.XLeft, gap, xfont.WeightBold},
		{page.left, text.XRight, -gap, xfont.WeightNormal},
		{page.right, text.XLeft, gap, xfont.WeightNormal},
	} {
		labels, err := plotter.NewLabels(l)
		if err != nil {
			return nil, err
		}
		labels.Offset.X = l.offset
		for i := range labels.TextStyle {
			s := &labels.TextStyle[i]
			s.XAlign, s.YAlign, s.Font.Variant, s.Font.Weight = l.align, text.YCenter, "Sans", l.weight
		}
		p.Add(labels)
	}
	first, last := marks[0].Value, marks[len(marks)-1].Value
	p.X.Min, p.X.Max = first-0.02*(last-first), last+0.08*(last-first) // the longest bar has a figure too

	canvas := vgsvg.New(width, vg.Length(len(page.names))*rowHeight+frame)
	paper := vgdraw.New(canvas)
	paper.SetColor(color.White)
	paper.Fill(paper.Path())
	p.Draw(vgdraw.Crop(paper, margin, -margin, margin, -margin))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return nil, err
	}
	// Where the font is not installed another one without serifs does as well;
	// and whoever does not see the picture is told what it shows.
	out := strings.ReplaceAll(svg.String(), "font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;")
	words := fmt.Sprintf("<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(title), html.EscapeString(describe(ts)))
	return []byte(strings.Replace(out, "<g ", words+"<g ", 1)), nil
}

// ticks returns the numbers 1, 2 and 5 times a power of ten from the last one
// that is at most low to the first one that is at least high.
func ticks(low, high float64) []float64 {
	var all []float64
	for e := -3; e <= 4; e++ {
		for _, m := range []float64{1, 2, 5} {
			all = append(all, m*math.Pow10(e))
		}
	}
	first, last := 0, len(all)-1
	for first+1 < len(all) && all[first+1] <= low {
		first++
	}
	for last > first && all[last-1] >= high {
		last--
	}
	return all[first : last+1]
}

// describe says in words what the picture shows, for whoever does not see it.
func describe(ts []*table) string {
	var jobs []string
	for _, t := range ts {
		var bars []string
		for _, b := range t.bars() {
			bars = append(bars, fmt.Sprintf("%s %.2f", b.name, b.ratio))
		}
		jobs = append(jobs, t.title()+": "+strings.Join(bars, ", "))
	}
	return strings.Join(jobs, "; ") + "."
}
