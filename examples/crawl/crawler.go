package main

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
)

// A crawler finds the pages of a site.
type crawler struct {
	pool     *ants.Pool // makes the requests
	client   *http.Client
	interval time.Duration // between calls of progress; 0 for none
	progress func(done, known int)
}

// pages returns an iterator over start and all pages of the same host that can be
// reached from it, as their requests complete. The last pair has an error if ctx
// ended. Leaving the loop ends the requests that are out.
func (c *crawler) pages(ctx context.Context, start *url.URL) iter.Seq2[*page, error] {
	return func(yield func(*page, error) bool) {
		var out future.Set[*page]
		defer out.Cancel()
		known := make(map[string]bool)
		visit := func(u *url.URL) {
			if address := withoutFragment(u); u.Host == start.Host && !known[address] {
				known[address] = true
				out.Add(antsx.SubmitContext(ctx, c.pool, func(ctx context.Context) (*page, error) {
					return c.fetch(ctx, address)
				}))
			}
		}
		visit(start)
		tick := time.Now().Add(c.interval)
		for out.Len() > 0 {
			p, err := c.next(ctx, &out, tick)
			if err == errTick {
				c.progress(len(known)-out.Len(), len(known))
				tick = time.Now().Add(c.interval)
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, l := range p.links {
				if l.target != nil {
					visit(l.target)
				}
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

var errTick = errors.New("time for progress")

// next returns the next page that is complete, or errTick if it is time. The wait
// that was in vain leaves the set as it was.
func (c *crawler) next(ctx context.Context, out *future.Set[*page], tick time.Time) (*page, error) {
	f := out.Next()
	if c.interval > 0 {
		f = future.Deadline(f, tick)
	}
	r, err := future.Await(ctx, f)
	switch {
	case err == nil:
		return r.Value, r.Err
	case err == future.ErrTimeout && ctx.Err() == nil:
		// That of the Deadline here, and no timeout inside of it: those are wrapped.
		// Nor is it the cause of ctx, which would come again and again.
		return nil, errTick
	}
	return nil, err
}

func withoutFragment(u *url.URL) string {
	v := *u
	v.Fragment = ""
	if v.Path == "" {
		v.Path = "/"
	}
	return v.String()
}
