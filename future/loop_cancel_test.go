package future_test

import (
	"errors"
	"testing"

	"github.com/go-await/await/future"
)

// A loop whose rounds are always ready ends when it is canceled in the middle: the Poll
// after Cancel goes through the rounds of one Poll, and no more.
func TestLoopThatIsAlwaysReadyEndsWhenCanceled(t *testing.T) {
	const most = 1000
	failed := errors.New("try again")
	steps := map[string]func(loop func() future.Future[int]) future.Future[int]{
		"Then": func(loop func() future.Future[int]) future.Future[int] {
			return future.Then(future.Ready(1), func(int) future.Future[int] { return loop() })
		},
		"OrElse": func(loop func() future.Future[int]) future.Future[int] {
			return future.OrElse(future.Failed[int](failed), func(error) future.Future[int] { return loop() })
		},
		"Lazy in Then": func(loop func() future.Future[int]) future.Future[int] {
			return future.Then(future.Ready(1), func(int) future.Future[int] { return future.Lazy(loop) })
		},
	}
	for name, step := range steps {
		rounds := 0
		var loop func() future.Future[int]
		loop = func() future.Future[int] {
			if rounds++; rounds == most {
				return future.Failed[int](errors.New("went on"))
			}
			return step(loop)
		}
		f := loop()
		if _, ready, err := f.Poll(nil); ready {
			t.Fatalf("%s: ready with %v after the first Poll", name, err)
		}
		future.Cancel(f)
		if _, ready, err := f.Poll(nil); !ready || !errors.Is(err, future.ErrCanceled) {
			t.Errorf("%s: got (%t, %v) after %d rounds, want ErrCanceled", name, ready, err, rounds)
		}
	}
}
