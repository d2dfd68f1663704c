package ants

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/oneshot"
)

// Nothing is kept of calls that were given up, behind a live one and while no worker
// comes: not what they refer to, and of the calls themselves no more than half of the
// queue and a few.
func TestGivenUpCallsAreLetGo(t *testing.T) {
	p := newPool(t, 1)
	gate := make(chan struct{})
	wait := func() (int, error) { <-gate; return 1, nil }
	f, err := NewPoolWithFunc(1, func(kept *[1024]byte) (int, error) {
		if kept == nil {
			return wait()
		}
		return int(kept[0]), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	tests := []struct {
		name  string
		queue *queue
		call  func(kept *[1024]byte) (giveUp func())
		held  *oneshot.Receiver[int]
	}{
		{"Submit", queueOf("", p), func(kept *[1024]byte) func() {
			return Submit(p, func() (int, error) { return int(kept[0]), nil }).Close
		}, Submit(p, wait)},
		{"Submit, canceled", queueOf("", p), func(kept *[1024]byte) func() {
			return Submit(p, func() (int, error) { return int(kept[0]), nil }).Cancel
		}, nil},
		{"Submit of a wrapper", queueOf("", p), func(kept *[1024]byte) func() {
			return Submit(&tenant{p, kept[:]}, one).Close
		}, nil},
		{"SubmitContext", queueOf("", p), func(kept *[1024]byte) func() {
			return SubmitContext(t.Context(), p, func(context.Context) (int, error) { return int(kept[0]), nil }).Close
		}, nil},
		{"Do", queueOf("", p), func(kept *[1024]byte) func() {
			return Do(p, func() error { kept[0]++; return nil }).Close
		}, nil},
		{"Invoke", f.queue, func(kept *[1024]byte) func() {
			return f.Invoke(kept).Close
		}, f.Invoke(nil)},
		{"Map", queueOf("", p), func(kept *[1024]byte) func() {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				fn := func(context.Context, int) (int, error) { return int(kept[0]), nil }
				for range Map(ctx, p, slices.Values([]int{1, 2, 3}), fn) {
				}
			}()
			return func() { cancel(); <-ended }
		}, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			const n = 1000
			patient := []*oneshot.Receiver[int]{Submit(p, one), f.Invoke(new([1024]byte))} // first in the queue
			defer patient[0].Close()
			defer patient[1].Close()
			var gone atomic.Int32
			giveUps := make([]func(), n)
			for i := range giveUps {
				kept := new([1024]byte)
				runtime.AddCleanup(kept, func(struct{}) { gone.Add(1) }, struct{}{})
				giveUps[i] = tc.call(kept)
			}
			for _, giveUp := range giveUps {
				giveUp()
			}
			clear(giveUps)
			if !collected(func() bool { return gone.Load() == n }) {
				t.Errorf("got %d calls of %d let go, want all", gone.Load(), n)
			}
			if got, most := tc.queue.length.Load(), 2*int32(tc.queue.alive())+fewDead; got > most {
				t.Errorf("got %d calls in the queue, of which %d are live; want %d at most", got, tc.queue.alive(), most)
			}
		})
	}
	close(gate)
	for _, tc := range tests {
		if tc.held == nil {
			continue
		}
		if v, err := tc.held.Recv(); v != 1 || err != nil {
			t.Errorf("the call that has begun: got %v, %v, want 1, nil", v, err)
		}
	}
	for _, q := range []*queue{queueOf("", p), f.queue} {
		if !collected(func() bool { return q.length.Load() == 0 && q.dying.Load() == 0 }) {
			t.Errorf("in the end: got %d calls in the queue, %d of them dead, want none", q.length.Load(), q.dying.Load())
		}
	}
}

// Calls that are given up at the very moment in which they leave the queue run or do
// not; the count of the dead is right in the end, and every other call runs.
func TestGivenUpWhileTaken(t *testing.T) {
	p := newPool(t, 2)
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	for range rounds {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				var rxs []*oneshot.Receiver[int]
				for range 200 {
					rxs = append(rxs, Submit(p, one))
				}
				for i, rx := range rxs {
					switch {
					case i%3 == 0:
						rx.Close()
					case i%3 == 1:
						rx.Cancel()
					default:
						if v, err := rx.Recv(); v != 1 || err != nil {
							t.Errorf("call %d: got %v, %v, want 1, nil", i, v, err)
						}
					}
				}
			})
		}
		wg.Wait()
	}
	q := queueOf("", p)
	if !collected(func() bool { return q.length.Load() == 0 && q.dying.Load() == 0 }) {
		t.Errorf("in the end: got %d calls in the queue and %d dead, want none", q.length.Load(), q.dying.Load())
	}
}

// A feeder has nothing to bring a worker for if all are dead.
func TestNoFeederForTheDead(t *testing.T) {
	p := newPool(t, 1)
	gate := make(chan struct{})
	held := Submit(p, func() (int, error) { <-gate; return 1, nil })
	for range 10 {
		Submit(p, one).Close()
	}
	close(gate)
	if v, err := held.Recv(); v != 1 || err != nil {
		t.Errorf("got %v, %v, want 1, nil", v, err)
	}
	q := queueOf("", p)
	if !collected(func() bool { return q.feeders.Load() == 0 && q.alive() == 0 }) {
		t.Errorf("got %d feeders and %d calls, want none", q.feeders.Load(), q.alive())
	}
	p.Release()
	if _, err := Submit(p, one).Recv(); !errors.Is(err, ants.ErrPoolClosed) {
		t.Errorf("got %v, want %v", err, ants.ErrPoolClosed)
	}
}
