package main

import (
	"context"
	"slices"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

type job = func(ctx context.Context) (int, error)

// Each executor: how a task is spawned on it, and how it stops.
var executors = []struct {
	name   string
	begins bool // it runs what is spawned at once
	start  func() (spawns func(job) *executor.Handle[int], stop func())
}{
	{"mini", true, func() (func(job) *executor.Handle[int], func()) {
		m := newMini(1)
		return func(fn job) *executor.Handle[int] { return spawn(m, fn) }, m.stop
	}},
	{"priority", true, func() (func(job) *executor.Handle[int], func()) {
		p := newPriority()
		p.start()
		return func(fn job) *executor.Handle[int] { return spawnAt(p, 1, fn) }, p.stop
	}},
	{"priority that was not started", false, func() (func(job) *executor.Handle[int], func()) {
		p := newPriority()
		return func(fn job) *executor.Handle[int] { return spawnAt(p, 1, fn) }, p.stop
	}},
	{"serial", true, func() (func(job) *executor.Handle[int], func()) {
		s := newSerial(1)
		n := 0
		return func(fn job) *executor.Handle[int] {
			n++ // four keys: most tasks wait for their turn
			return spawnFor(s, string(rune('a'+n%4)), fn)
		}, s.stop
	}},
	{"eventloop", true, func() (func(job) *executor.Handle[int], func()) {
		l := newLoop()
		g := newGuest(l)
		quit, ended := make(chan struct{}), make(chan struct{})
		go func() { defer close(ended); l.run(quit) }()
		return func(fn job) *executor.Handle[int] { return spawnGuest(g, fn) }, func() {
			g.stop()
			close(quit)
			<-ended
		}
	}},
}

// An executor that stops ends the tasks that wait, that are queued and that run, and
// those that these have started. goleak sees that nothing is left.
func TestStopWithLiveTasks(t *testing.T) {
	for _, x := range executors {
		t.Run(x.name, func(t *testing.T) {
			spawns, stop := x.start()
			waits := func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) }
			hs := []*executor.Handle[int]{
				spawns(waits),
				spawns(func(ctx context.Context) (int, error) { // waits for a child, which waits
					return 0, executor.Scope(ctx, func(g *executor.TaskGroup) error {
						executor.Go(g, waits)
						return nil
					})
				}),
			}
			if x.begins {
				running := make(chan bool)
				hs = append(hs, spawns(func(ctx context.Context) (int, error) {
					close(running)
					<-ctx.Done() // keeps its worker
					return 0, ctx.Err()
				}))
				<-running
			}
			for range 20 { // queued behind that, or behind each other
				hs = append(hs, spawns(waits))
			}
			stop()
			for i, h := range hs {
				if _, ready, err := h.Poll(nil); !ready || err != errStopped && err != context.Canceled {
					t.Errorf("task %d: got %v, %v; want that it was canceled", i, ready, err)
				}
			}
			_, ready, err := spawns(func(context.Context) (int, error) { return 1, nil }).Poll(nil)
			if !ready || err != errStopped {
				t.Errorf("a task afterwards: got %v, %v; want errStopped", ready, err)
			}
		})
	}
}

// Tasks of a key do not overlap, whatever they wait for, and come in order; tasks of
// different keys do. A task may wait for what it has started itself.
func TestSerialByKey(t *testing.T) {
	s := newSerial(2)
	defer s.stop()
	var hs []*executor.Handle[int]
	both := make(chan bool) // handed over by two keys at the same time
	for _, key := range []string{"a", "b"} {
		hs = append(hs, spawnFor(s, key, func(context.Context) (int, error) {
			if key == "a" {
				both <- true
			} else {
				<-both
			}
			return 0, nil
		}))
	}
	inside := map[string]*int{"a": new(int), "b": new(int)}
	lists := map[string]*[]int{"a": new([]int), "b": new([]int)}
	for i := range 20 {
		for _, key := range []string{"a", "b"} {
			hs = append(hs, spawnFor(s, key, func(ctx context.Context) (int, error) {
				if *inside[key]++; *inside[key] != 1 {
					t.Errorf("%d tasks of the key %s at the same time", *inside[key], key)
				}
				n, err := future.Await(ctx, executor.GoContext(ctx, func(ctx context.Context) (int, error) { return square(ctx, i) }))
				*lists[key] = append(*lists[key], n)
				*inside[key]--
				return n, err
			}))
		}
	}
	if _, err := sum(t.Context(), hs); err != nil {
		t.Fatal(err)
	}
	for key := range lists {
		if !slices.IsSorted(*lists[key]) || len(*lists[key]) != 20 {
			t.Errorf("the tasks of the key %s ran in the order %v", key, *lists[key])
		}
	}
}
