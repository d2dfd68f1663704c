package main

import (
	"context"
	"sync"

	"github.com/go-await/await/executor"
)

// A loop stands for an event loop that is not ours: a GUI's, a game's, a C
// library's. It runs on one goroutine, knows nothing of tasks, and offers one
// thing: whoever calls signal, from anywhere, gets the idle callback called soon,
// once for any number of signals. All our work must be done in there, and the
// callback must be quick: the loop has frames to draw.
type loop struct {
	idle   func()
	frames int // drawn so far
	wakeup chan struct{}
}

func newLoop() *loop { return &loop{wakeup: make(chan struct{}, 1)} }

// signal asks for a call of idle.
func (l *loop) signal() {
	select {
	case l.wakeup <- struct{}{}:
	default: // one is due already
	}
}

// run runs the loop until quit is closed.
func (l *loop) run(quit <-chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case <-l.wakeup:
			l.idle()
			l.frames++
		}
	}
}

// A guest is an executor that lives in a foreign loop: its tasks run in the idle
// callback, on the loop's goroutine, so they may touch what belongs to the loop.
type guest struct {
	loop *loop
	live *live

	mu    sync.Mutex
	ready []*executor.Runnable
}

// guestTurn is how many tasks run in one call of the callback.
const guestTurn = 16

func newGuest(l *loop) *guest {
	g := &guest{loop: l, live: newLive()}
	l.idle = g.runSome
	return g
}

func (g *guest) schedule(r *executor.Runnable) {
	if !g.live.add(r) {
		return
	}
	g.mu.Lock()
	g.ready = append(g.ready, r)
	g.mu.Unlock()
	g.loop.signal()
}

// runSome is the callback.
func (g *guest) runSome() {
	for range guestTurn {
		g.mu.Lock()
		if len(g.ready) == 0 {
			g.mu.Unlock()
			return
		}
		r := g.ready[0]
		g.ready = g.ready[1:]
		g.mu.Unlock()
		g.live.run(r)
	}
	g.loop.signal() // there may be more: after the next frame
}

// stop cancels the tasks and waits until they have ended, in the loop: it must run until
// then, and stop be called by another goroutine.
func (g *guest) stop() { g.live.stop() }

// spawnGuest runs fn as a task in the loop.
func spawnGuest[T any](g *guest, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	r, h := executor.NewRunnableFunc(context.Background(), fn, g.schedule)
	r.Schedule()
	return h
}
