package main

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// oddNames are file names and how a list spells them.
var oddNames = []struct {
	name, spelt string
	reason      string
}{
	{"plain", "plain", "nothing to escape"},
	{" spaced  out ", " spaced  out ", "blanks are part of a name, in front and at the end too"},
	{"-dash", "-dash", "not a flag once it has a directory"},
	{"*star", "*star", "not the mark for binary"},
	{"#hash", "#hash", "not a comment"},
	{`"quoted"`, `"quoted"`, "no quotes are added"},
	{"tab\tbell\a", "tab\tbell\a", "other control characters stand for themselves"},
	{"été", "été", "UTF-8 is bytes"},
	{"bad\xff\xfe", "bad\xff\xfe", "and so is what is not UTF-8"},
	{`back\slash`, `\back\\slash`, "escaped, and the line marked"},
	{`end\`, `\end\\`, "an escape at the end"},
	{`not\nnewline`, `\not\\nnewline`, "a backslash and an n"},
	{"new\nline", `\new\nline`, "a name must not end its line"},
	{"\n", `\\n`, "nothing but a newline"},
	{"c\rr", `\c\rr`, "as coreutils does since 9.0"},
	{"all\\\r\n", `\all\\\r\n`, "all three"},
}

func TestLineFormat(t *testing.T) {
	const sum = "d41d8cd98f00b204e9800998ecf8427e"
	for _, tt := range oddNames {
		l := line{sum, tt.name}
		mark, path := "", tt.spelt
		if strings.HasPrefix(path, `\`) {
			mark, path = `\`, path[1:]
		}
		want := mark + sum + "  " + path
		if got := string(l.appendTo(nil)); got != want+"\n" {
			t.Errorf("%s: %q, want %q", tt.reason, got, want)
		}
		if got, ok := parseLine(want, 16); got != l || !ok {
			t.Errorf("%s: read as %q, %v", tt.reason, got, ok)
		}
	}
}

func TestParseLine(t *testing.T) {
	const sum = "d41d8cd98f00b204e9800998ecf8427e"
	for _, tt := range []struct {
		in     string
		want   string // the path, or "" if it is no line
		reason string
	}{
		{sum + "  x", "x", "text"},
		{sum + " *x", "x", "binary"},
		{strings.ToUpper(sum) + "  x", "x", "digits of either case"},
		{" \t" + sum + "  x", "x", "blanks in front"},
		{sum + "\t x", "x", "a tab for the first blank"},
		{sum + "   x ", " x ", "blanks of the name"},
		{sum + `  a\nb`, `a\nb`, "no mark, no escape"},
		{`\` + sum + `  a\nb`, "a\nb", "the mark"},
		{`\` + sum + `  ab`, "ab", "a mark without need"},
		{`\` + sum + `  a\qb`, "", "no such escape"},
		{`\` + sum + `  a\`, "", "half an escape"},
		{sum + "  ", "", "no path"},
		{sum + " x", "", "one blank"},
		{sum, "", "a digest alone"},
		{sum + "0  x", "", "a digit too many"},
		{sum[1:] + "  x", "", "a digit too few"},
		{"g" + sum[1:] + "  x", "", "not a digit"},
		{"", "", "nothing"},
		{`\`, "", "nothing but the mark"},
	} {
		got, ok := parseLine(tt.in, 16)
		if want := (line{sum, tt.want}); ok != (tt.want != "") || ok && got != want {
			t.Errorf("%s: %q is %q, %v", tt.reason, tt.in, got, ok)
		}
	}
}

// Every path comes back, whatever bytes it is made of.
func TestLineRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		special := rapid.SampledFrom([]byte("\\\n\rnr *"))
		path := rapid.SliceOfN(rapid.OneOf(special, rapid.ByteRange(1, 255)), 1, -1).Draw(t, "path")
		want := line{strings.Repeat("0f", 32), string(path)}
		text, found := strings.CutSuffix(string(want.appendTo(nil)), "\n")
		if !found || strings.ContainsAny(text, "\n\r") {
			t.Fatalf("not one line: %q", text)
		}
		if got, ok := parseLine(text, 32); got != want || !ok {
			t.Fatalf("%q: got %q, %v", text, got, ok)
		}
	})
}

// Whatever is accepted as a line says the same when it is written again.
func FuzzParseLine(f *testing.F) {
	const sum = "d41d8cd98f00b204e9800998ecf8427e"
	for _, s := range []string{sum + "  x", `\` + sum + ` *a\\b\n`, " " + sum + "  \r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, ok := parseLine(s, 16)
		if !ok || strings.Contains(s, "\n") {
			return
		}
		again, ok := parseLine(strings.TrimSuffix(string(l.appendTo(nil)), "\n"), 16)
		if !ok || again != l {
			t.Errorf("%q is %q, which became %q, %v", s, l, again, ok)
		}
	})
}
