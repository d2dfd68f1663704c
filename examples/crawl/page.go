package main

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// A page is what the request for an address came to.
type page struct {
	address  string
	problem  string // why it is not there, or ""
	redirect *url.URL
	isHTML   bool
	ids      map[string]bool // what fragments can lead to
	links    []link          // the one of redirect included
}

// A link is where a page refers to another.
type link struct {
	from   string   // the address of the page
	line   int      // 0 for a redirection
	text   string   // as it is written there
	target *url.URL // nil if the text is no address
}

// pageLimit is how much of a page is read.
const pageLimit = 10 << 20

// fetch requests a page and reads what is of interest in it. What goes wrong is
// the page's problem, unless ctx has ended.
func (c *crawler) fetch(ctx context.Context, address string) (*page, error) {
	p := &page{address: address}
	err := p.load(ctx, c.client)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // p has the address
		}
		p.problem = err.Error()
	}
	return p, nil
}

func (p *page) load(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.address, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if where := res.Header.Get("Location"); where != "" && 300 <= res.StatusCode && res.StatusCode < 400 {
		if p.redirect, err = req.URL.Parse(where); err == nil {
			p.links = []link{{from: p.address, text: where, target: p.redirect}}
		}
		return err
	}
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if p.isHTML = kind == "text/html"; !p.isHTML {
		return nil
	}
	return p.read(io.LimitReader(res.Body, pageLimit), req.URL)
}

// references are the attributes that refer to other pages.
var references = map[string]string{
	"a": "href", "area": "href", "link": "href",
	"img": "src", "script": "src", "iframe": "src", "audio": "src", "video": "src", "source": "src",
}

// read finds the links and the ids.
func (p *page) read(r io.Reader, base *url.URL) error {
	p.ids = map[string]bool{}
	z := html.NewTokenizer(r)
	for line := 1; ; {
		kind := z.Next()
		begins := line
		line += strings.Count(string(z.Raw()), "\n")
		switch kind {
		case html.ErrorToken:
			if err := z.Err(); err != io.EOF {
				return err
			}
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			for _, a := range tag.Attr {
				switch {
				case a.Key == "id", a.Key == "name" && tag.Data == "a":
					p.ids[a.Val] = true
				case a.Key == references[tag.Data]:
					target, _ := base.Parse(strings.TrimSpace(a.Val))
					p.links = append(p.links, link{p.address, begins, a.Val, target})
				}
			}
		}
	}
}
