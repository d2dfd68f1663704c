package oneshot_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/oneshot"
)

// The futures of this package follow the rules of futures.
func TestRules(t *testing.T) {
	no := errors.New("no")
	made := map[string]func() (*oneshot.Sender[int], *oneshot.Receiver[int]){
		"New": oneshot.New[int],
		"New, watched": func() (*oneshot.Sender[int], *oneshot.Receiver[int]) {
			tx, rx := oneshot.New[int]()
			tx.Closed().Poll(nil)
			return tx, rx
		},
		"NewGuarded": oneshot.NewGuarded[int],
	}
	ends := map[string]struct {
		end  func(tx *oneshot.Sender[int])
		want error
	}{
		"Send":  {func(tx *oneshot.Sender[int]) { tx.Send(1) }, nil},
		"Fail":  {func(tx *oneshot.Sender[int]) { tx.Fail(no) }, no},
		"Close": {func(tx *oneshot.Sender[int]) { tx.Close() }, oneshot.ErrDisconnected},
	}
	for how, make := range made {
		for name, e := range ends {
			t.Run("Receiver/"+how+"/"+name, func(t *testing.T) {
				err := futuretest.TestFuture(func() futuretest.Subject[int] {
					tx, rx := make()
					return futuretest.Subject[int]{
						Future:      rx,
						Steps:       []func(){func() { e.end(tx) }},
						Synchronous: true,
						Check: func(v int, err error) error {
							if !errors.Is(err, e.want) || err == nil && v != 1 {
								return errors.New("wrong result")
							}
							return nil
						},
						Released: func() error {
							if !tx.IsClosed() {
								return errors.New("the sender was not told")
							}
							return nil
						},
					}
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Run("Closed", func(t *testing.T) {
		err := futuretest.TestFuture(func() futuretest.Subject[struct{}] {
			tx, rx := oneshot.New[int]()
			return futuretest.Subject[struct{}]{
				Future:      tx.Closed(),
				Steps:       []func(){rx.Close},
				Synchronous: true,
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// However a combinator gives a receiver up, its sender learns of it.
func TestCombinatorsTellSenders(t *testing.T) {
	ready := future.Ready(1)
	failed := func() future.Future[int] { return future.Failed[int](errors.New("no")) }
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, giveUp := range map[string]func(rx future.Future[int]){
		"loser of Race":    func(rx future.Future[int]) { future.Race(rx, future.Ready(1)).Poll(nil) },
		"loser of Any":     func(rx future.Future[int]) { future.Any(rx, future.Ready(1)).Poll(nil) },
		"loser of Select2": func(rx future.Future[int]) { future.Select2(rx, future.Ready(1)).Poll(nil) },
		"rest of All":      func(rx future.Future[int]) { future.All(rx, failed()).Poll(nil) },
		"rest of Join2":    func(rx future.Future[int]) { future.Join2(rx, failed()).Poll(nil) },
		"Timeout":          func(rx future.Future[int]) { future.Timeout(rx, 0).Poll(nil) },
		"WithContext":      func(rx future.Future[int]) { future.WithContext(ended, rx).Poll(nil) },
		"Await":            func(rx future.Future[int]) { future.Await(ended, rx) },
		"source of Map": func(rx future.Future[int]) {
			future.Cancel(future.Map(rx, func(n int) (int, error) { return n, nil }))
		},
		"future of Then": func(rx future.Future[int]) {
			f := future.Then(ready, func(int) future.Future[int] { return rx })
			f.Poll(nil)
			future.Cancel(f)
		},
		"last Share": func(rx future.Future[int]) {
			s := future.Share(rx)
			c := s.Clone()
			s.Cancel()
			c.Cancel()
		},
		"Set": func(rx future.Future[int]) {
			var set future.Set[int]
			set.Add(rx)
			set.Cancel()
		},
		"loop over Completed that is left": func(rx future.Future[int]) {
			for range future.Completed(context.Background(), rx, future.Ready(1)) {
				break
			}
		},
		"Chan": func(rx future.Future[int]) { <-future.Chan(future.WithContext(ended, rx)) },
	} {
		tx, rx := oneshot.New[int]()
		giveUp(rx)
		if !tx.IsClosed() || tx.Send(1) != oneshot.ErrClosed {
			t.Errorf("%s: the sender was not told", name)
		}
	}
}
