package future_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// Every future says what it is, and reads nothing for it that is in use: the race
// detector watches.
func TestPrintingAFutureInUse(t *testing.T) {
	p := func() future.Future[int] { return new(parcel[int]) }
	next := func(int) future.Future[string] { return future.Never[string]() }
	var set future.Set[int]
	set.Add(p())
	never := future.Never[int]
	for want, f := range map[string]interface{ Cancel() }{
		"future.Map[int,int]":                              future.Map(p(), double).(future.Canceler),
		"future.Then[int,string]":                          future.Then(p(), next).(future.Canceler),
		"future.Catch[int]":                                future.Catch(p(), rethrow).(future.Canceler),
		"future.OrElse[int]":                               future.OrElse(p(), future.Failed[int]).(future.Canceler),
		"future.Finally[int]":                              future.Finally(p(), func() {}).(future.Canceler),
		"future.Lazy[int]":                                 future.Lazy(p).(future.Canceler),
		"future.Timeout[int]":                              future.Timeout(p(), time.Hour).(future.Canceler),
		"future.WithContext[int]":                          future.WithContext(t.Context(), p()).(future.Canceler),
		"future.Owned[int]":                                future.Owned(p(), func(int) {}).(future.Canceler),
		"future.Borrow[int]":                               future.Borrow(p()).(future.Canceler),
		"future.All[int]":                                  future.All(p(), p()).(future.Canceler),
		"future.Settle[int]":                               future.Settle(p(), p()).(future.Canceler),
		"future.Race[int]":                                 future.Race(p(), p()).(future.Canceler),
		"future.Any[int]":                                  future.Any(p(), p()).(future.Canceler),
		"future.Join[future.Pair[int,int]]":                future.Join2(p(), p()).(future.Canceler),
		"future.Select2[int,int]":                          future.Select2(p(), p()).(future.Canceler),
		"future.Select[future.Either3[int,int,int]]":       future.Select3(p(), p(), p()).(future.Canceler),
		"future.Shared[int]":                               future.Share(p()),
		"future.Set.Next[int]":                             set.Next().(future.Canceler),
		"future.Set[int]":                                  &set,
		"future.Go[int]":                                   future.Go(func() (int, error) { return 1, nil }).(future.Canceler),
		"future.FromChan[int]":                             future.FromChan(make(chan int)).(future.Canceler),
		"future.Func[int]":                                 future.Func(p().Poll).(future.Canceler),
		"future.Never[int]":                                never().(future.Canceler),
		"future.After":                                     future.After(time.Hour).(future.Canceler),
		"future.Done":                                      future.Done(t.Context()).(future.Canceler),
		"future.Select[future.Either4[int,int,bool,bool]]": future.Select4(never(), p(), future.Never[bool](), future.Never[bool]()).(future.Canceler),
	} {
		var wg sync.WaitGroup
		wg.Go(func() {
			for range 5 {
				for _, format := range []string{"%v", "%+v", "%s"} {
					if got := fmt.Sprintf(format, f); got != want {
						t.Errorf("%s: got %s, want %s", format, got, want)
					}
				}
			}
		})
		for range 3 {
			switch f := f.(type) {
			case future.Future[int]:
				f.Poll(futuretest.NewCounter().Waker())
			case future.Future[string]:
				f.Poll(futuretest.NewCounter().Waker())
			case future.Future[[]int]:
				f.Poll(futuretest.NewCounter().Waker())
			case future.Future[struct{}]:
				f.Poll(futuretest.NewCounter().Waker())
			}
		}
		f.Cancel()
		wg.Wait()
	}
	for want, f := range map[string]any{"future.Ready[int]": future.Ready(1), "future.Failed[int]": future.Failed[int](errTest)} {
		if got := fmt.Sprint(f); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
