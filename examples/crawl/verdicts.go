package main

import (
	"fmt"
	"net/url"

	"github.com/go-await/await/examples/internal/cli"
)

// Verdicts says which links are broken. A link is judged when the page that it is
// on and the one that it leads to have both come.
type verdicts struct {
	pages, links, broken, external int

	host string
	all  map[string]*page
	open map[string][]pending // by the address that they wait for
}

// A pending is a link that cannot be judged yet.
type pending struct {
	link
	to   *url.URL // after redirections
	hops int
}

// maxHops is how many redirections in a row are followed.
const maxHops = 10

func newVerdicts() *verdicts {
	return &verdicts{all: map[string]*page{}, open: map[string][]pending{}}
}

// judge returns a line for each broken link that p brings to light. The text of a
// link is quoted in it, and no line has a character that a terminal would obey: what
// stands in a page is not ours.
func (v *verdicts) judge(p *page) (lines []string) {
	if v.pages++; v.pages == 1 {
		v.host = host(p.address)
		if p.problem != "" { // no link leads to the first page
			v.broken++
			lines = append(lines, fmt.Sprintf("%s: %s", short(p.address), cli.Visible(p.problem)))
		}
	}
	v.all[p.address] = p
	for _, l := range p.links {
		if l.line > 0 {
			v.links++
			lines = v.try(lines, pending{l, l.target, 0})
		}
	}
	for _, l := range v.open[p.address] {
		lines = v.try(lines, l)
	}
	return lines
}

// try judges a link, or remembers it until its target has come.
func (v *verdicts) try(lines []string, l pending) []string {
	broken := func(problem string) []string {
		v.broken++
		return append(lines, fmt.Sprintf("%s:%d: %q: %s", short(l.from), l.line, l.text, cli.Visible(problem)))
	}
	switch {
	case l.to == nil:
		return broken("not an address")
	case l.to.Host != v.host:
		v.external++
		return lines
	}
	address := withoutFragment(l.to)
	p := v.all[address]
	switch {
	case p == nil:
		v.open[address] = append(v.open[address], l)
		return lines
	case p.problem != "":
		return broken(p.problem)
	case p.redirect != nil && l.hops == maxHops:
		return broken("too many redirections")
	case p.redirect != nil:
		to := *p.redirect
		if to.Fragment == "" {
			to.Fragment = l.to.Fragment
		}
		return v.try(lines, pending{l.link, &to, l.hops + 1})
	case p.isHTML && l.to.Fragment != "" && l.to.Fragment != "top" && !p.ids[l.to.Fragment]:
		return broken("there is no such fragment")
	}
	return lines
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// short is an address without scheme and host, fit for a terminal.
func short(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return cli.Visible(address)
	}
	return cli.Visible(u.RequestURI())
}
