package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/executor"
)

// A gateway is a service, the backends behind it, the server in front of it, and one
// for its debug page if that has an address.
type gateway struct {
	*api
	front *server
	debug *server
	back  []*server
}

// newGateway starts everything, with a server for each of the backends.
func newGateway(cfg config, backends []http.Handler) (*gateway, error) {
	g := &gateway{api: &api{timeout: cfg.timeout, failures: failures{log: cfg.log}}}
	limits := cfg.limits
	limits.write = max(limits.write, cfg.timeout+10*time.Second)
	pool, err := ants.NewPool(cfg.workers, ants.WithMaxBlockingTasks(cfg.queue))
	if err != nil {
		return nil, err
	}
	g.service = &service{
		quorum:   cfg.quorum,
		coalesce: cfg.coalesce,
		// The client lets go of a connection before the server does.
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: cfg.workers, IdleConnTimeout: limits.idle / 2}},
		pool:   pool,
		// The tasks only await: one that keeps its worker is no news until a busy
		// machine cannot be the reason.
		tasks: executor.New(executor.WithName("gateway")),
	}
	for _, handler := range backends {
		b, err := serve("127.0.0.1:0", handler, limits, cfg.log)
		if err != nil {
			return nil, errors.Join(err, g.close())
		}
		g.back = append(g.back, b)
		g.backends = append(g.backends, b.url)
	}
	if cfg.debug != "" {
		if g.debug, err = serve(cfg.debug, g.debugHandler(), limits, cfg.log); err != nil {
			return nil, errors.Join(err, g.close())
		}
	}
	if g.front, err = serve(cfg.addr, g.frontHandler(), limits, cfg.log); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (g *gateway) url() string { return g.front.url }

// close ends everything, from the front to the back. A request that is open gets an
// answer: in time, or 504.
func (g *gateway) close() (err error) {
	if g.front != nil {
		err = g.front.close(g.timeout + time.Second)
	}
	if g.debug != nil {
		err = errors.Join(err, g.debug.close(time.Second))
	}
	err = errors.Join(err, g.tasks.Close())
	g.pool.Release()
	g.client.CloseIdleConnections()
	for _, b := range g.back {
		err = errors.Join(err, b.close(time.Second))
	}
	return err
}
