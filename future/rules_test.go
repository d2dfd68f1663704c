package future_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

var errTest = errors.New("test error")

// probes are the leaves of a subject.
type probes []*futuretest.Probe[int]

func newProbes(n int) probes {
	ps := make(probes, n)
	for i := range ps {
		ps[i] = futuretest.NewProbe[int]()
	}
	return ps
}

func (ps probes) futures() []future.Future[int] {
	fs := make([]future.Future[int], len(ps))
	for i, p := range ps {
		fs[i] = p
	}
	return fs
}

// steps resolve the probes with 1, 2, 3, …, the last one first, with noise in
// between.
func (ps probes) steps() []func() {
	var steps []func()
	for i := len(ps) - 1; i >= 0; i-- {
		steps = append(steps, ps[i].Wake, func() { ps[i].Resolve(i + 1) })
	}
	return steps
}

// over says which probe was neither finished nor cancelled, or cancelled twice.
func (ps probes) over() error {
	for i, p := range ps {
		if !p.Finished() && p.Cancels() != 1 || p.Cancels() > 1 {
			return fmt.Errorf("probe %d: finished %v, cancelled %d times", i, p.Finished(), p.Cancels())
		}
	}
	return nil
}

func is[T any](want T) func(T, error) error {
	return func(v T, err error) error {
		if !reflect.DeepEqual(v, want) || err != nil {
			return fmt.Errorf("result (%v, %v), want %v", v, err, want)
		}
		return nil
	}
}

// oneOf accepts one of several that may be ready at the same Poll.
func oneOf[T any](wants ...T) func(T, error) error {
	return func(v T, err error) error {
		if err != nil || !slices.ContainsFunc(wants, func(w T) bool { return reflect.DeepEqual(v, w) }) {
			return fmt.Errorf("result (%v, %v), want one of %v", v, err, wants)
		}
		return nil
	}
}

func failsWith(want error) func(int, error) error {
	return func(v int, err error) error {
		if v != 0 || !errors.Is(err, want) {
			return fmt.Errorf("result (%v, %v), want %v", v, err, want)
		}
		return nil
	}
}

// subjects tests the futures that fresh makes.
func subjects[T any](fresh func() futuretest.Subject[T]) func() error {
	return func() error { return futuretest.TestFuture(fresh) }
}

// over tests what build makes of n probes. Nothing may be left of those after
// Cancel.
func over[T any](n int, check func(T, error) error, build func(fs futures) future.Future[T]) func() error {
	return subjects(func() futuretest.Subject[T] {
		ps := newProbes(n)
		s := onProbes(ps, check, build)
		s.Released = ps.over
		return s
	})
}

// lazily is over for a future that does not own its probes from the beginning.
func lazily[T any](n int, check func(T, error) error, build func(fs futures) future.Future[T]) func() error {
	return subjects(func() futuretest.Subject[T] { return onProbes(newProbes(n), check, build) })
}

func onProbes[T any](ps probes, check func(T, error) error, build func(fs futures) future.Future[T]) futuretest.Subject[T] {
	return futuretest.Subject[T]{Future: build(ps.futures()), Steps: ps.steps(), Synchronous: true, Check: check}
}

type subject = futuretest.Subject[int]

func sum(vs []int) (int, error) {
	s := 0
	for _, v := range vs {
		s += v
	}
	return s, nil
}

// Every future of this package follows the rules.
func TestRules(t *testing.T) {
	tests := []struct {
		name string
		test func() error
	}{
		{"Ready", subjects(func() subject { return subject{Future: future.Ready(1), Check: is(1)} })},
		{"Failed", subjects(func() subject {
			return subject{Future: future.Failed[int](errTest), Check: failsWith(errTest)}
		})},
		{"nil", subjects(func() subject {
			return subject{Future: future.Map(nil, double), Check: failsWith(future.ErrNil)}
		})},
		{"Func", lazily(1, is(1), func(fs futures) future.Future[int] { return future.Func(fs[0].Poll) })},
		{"Lazy", lazily(1, is(1), func(fs futures) future.Future[int] {
			return future.Lazy(func() future.Future[int] { return fs[0] })
		})},
		{"Map", over(1, is(2), func(fs futures) future.Future[int] { return future.Map(fs[0], double) })},
		{"Then", lazily(2, is(3), func(fs futures) future.Future[int] {
			return future.Then(fs[1], func(n int) future.Future[int] {
				return future.Map(fs[0], func(m int) (int, error) { return n + m, nil })
			})
		})},
		{"Catch", over(1, is(1), func(fs futures) future.Future[int] {
			return future.Catch(fs[0], func(error) (int, error) { return 2, nil })
		})},
		{"Catch of an error", over(1, is(5), func(fs futures) future.Future[int] {
			fails := future.Map(fs[0], func(int) (int, error) { return 0, errTest })
			return future.Catch(fails, func(error) (int, error) { return 5, nil })
		})},
		{"OrElse", over(1, is(1), func(fs futures) future.Future[int] {
			return future.OrElse(fs[0], func(error) future.Future[int] { return future.Ready(2) })
		})},
		{"OrElse of an error", lazily(2, is(1), func(fs futures) future.Future[int] {
			fails := future.Map(fs[1], func(int) (int, error) { return 0, errTest })
			return future.OrElse(fails, func(error) future.Future[int] { return fs[0] })
		})},
		{"a loop of Then and Lazy", lazily(3, is(6), func(fs futures) future.Future[int] {
			return future.Then(fs[0], func(a int) future.Future[int] {
				return future.Lazy(func() future.Future[int] {
					return future.Then(fs[1], func(b int) future.Future[int] {
						return future.Map(fs[2], func(c int) (int, error) { return a + b + c, nil })
					})
				})
			})
		})},
		{"Owned", over(1, is(1), func(fs futures) future.Future[int] { return future.Owned(fs[0], func(int) {}) })},
		{"Borrow", lazily(1, is(1), func(fs futures) future.Future[int] { return future.Borrow(fs[0]) })},
		{"Finally", over(1, is(1), func(fs futures) future.Future[int] { return future.Finally(fs[0], func() {}) })},
		{"All", over(5, is([]int{1, 2, 3, 4, 5}), func(fs futures) future.Future[[]int] { return future.All(fs...) })},
		{"All of settlers", subjects(func() futuretest.Subject[[]int] {
			ss := newSettlers(3)
			return futuretest.Subject[[]int]{
				Future: future.All[int](ss[0], ss[1], ss[2]),
				Steps: []func(){
					func() { ss[1].resolve(1) }, func() { ss[0].resolve(2) }, func() { ss[2].resolve(3) },
				},
				Synchronous: true,
				Check:       is([]int{2, 1, 3}),
				Released:    probes{ss[0].Probe, ss[1].Probe, ss[2].Probe}.over,
			}
		})},
		{"Settle", over(2, is([]future.Result[int]{{Value: 1}, {Value: 2}}), func(fs futures) future.Future[[]future.Result[int]] {
			return future.Settle(fs...)
		})},
		{"Race", over(3, oneOf(1, 2, 3), func(fs futures) future.Future[int] { return future.Race(fs...) })},
		{"Any", over(3, oneOf(1, 2, 3), func(fs futures) future.Future[int] { return future.Any(fs...) })},
		{"Join2", over(2, is(future.Pair[int, int]{A: 1, B: 2}), func(fs futures) future.Future[future.Pair[int, int]] {
			return future.Join2(fs[0], fs[1])
		})},
		{"Join3", over(3, is(future.Triple[int, int, int]{A: 1, B: 2, C: 3}), func(fs futures) future.Future[future.Triple[int, int, int]] {
			return future.Join3(fs[0], fs[1], fs[2])
		})},
		{"Join4", over(4, is(future.Quad[int, int, int, int]{A: 1, B: 2, C: 3, D: 4}), func(fs futures) future.Future[future.Quad[int, int, int, int]] {
			return future.Join4(fs[0], fs[1], fs[2], fs[3])
		})},
		{"Select2", over(2, oneOf(future.Either[int, int]{A: 1}, future.Either[int, int]{Index: 1, B: 2}), func(fs futures) future.Future[future.Either[int, int]] {
			return future.Select2(fs[0], fs[1])
		})},
		{"Select3", over(3, oneOf(future.Either3[int, int, int]{A: 1}, future.Either3[int, int, int]{Index: 1, B: 2}, future.Either3[int, int, int]{Index: 2, C: 3}), func(fs futures) future.Future[future.Either3[int, int, int]] {
			return future.Select3(fs[0], fs[1], fs[2])
		})},
		{"Select4", over(4, oneOf(future.Either4[int, int, int, int]{A: 1}, future.Either4[int, int, int, int]{Index: 1, B: 2}, future.Either4[int, int, int, int]{Index: 2, C: 3}, future.Either4[int, int, int, int]{Index: 3, D: 4}), func(fs futures) future.Future[future.Either4[int, int, int, int]] {
			return future.Select4(fs[0], fs[1], fs[2], fs[3])
		})},
		{"Timeout", over(1, is(1), func(fs futures) future.Future[int] { return future.Timeout(fs[0], time.Hour) })},
		{"Timeout that is over", subjects(func() subject {
			ps := newProbes(1)
			return subject{
				Future:   future.Timeout[int](ps[0], time.Second),
				Check:    failsWith(future.ErrTimeout),
				Released: ps.over,
			}
		})},
		{"WithContext", subjects(func() subject {
			ps := newProbes(1)
			ctx, cancel := context.WithCancel(context.Background())
			s := onProbes(ps, is(1), func(fs futures) future.Future[int] { return future.WithContext(ctx, fs[0]) })
			s.Released = func() error {
				cancel() // late, and without effect
				return ps.over()
			}
			return s
		})},
		{"WithContext that ends", subjects(func() subject {
			ctx, cancel := context.WithCancelCause(context.Background())
			return subject{
				Future: future.WithContext(ctx, future.Never[int]()),
				Steps:  []func(){func() { cancel(errTest) }},
				Check:  failsWith(errTest),
			}
		})},
		{"Done", subjects(func() futuretest.Subject[struct{}] {
			ctx, cancel := context.WithCancel(context.Background())
			return futuretest.Subject[struct{}]{
				Future: future.Done(ctx),
				Steps:  []func(){cancel},
				Check:  is(struct{}{}),
			}
		})},
		{"After", subjects(func() futuretest.Subject[struct{}] {
			return futuretest.Subject[struct{}]{Future: future.After(time.Second), Check: is(struct{}{})}
		})},
		{"Go", subjects(func() subject {
			return subject{Future: future.Go(func() (int, error) { return 1, nil }), Check: is(1)}
		})},
		{"Do", subjects(func() futuretest.Subject[struct{}] {
			return futuretest.Subject[struct{}]{Future: future.Do(func() error { return nil }), Check: is(struct{}{})}
		})},
		{"GoContext", subjects(func() subject {
			start := make(chan struct{})
			return subject{
				Future: future.GoContext(context.Background(), func(ctx context.Context) (int, error) {
					select {
					case <-start:
						return 1, nil
					case <-ctx.Done():
						return 0, ctx.Err()
					}
				}),
				Steps: []func(){func() { close(start) }},
				Check: is(1),
			}
		})},
		{"FromChan", subjects(func() subject {
			c := make(chan int, 1)
			return subject{Future: future.FromChan(c), Steps: []func(){func() { c <- 1 }}, Check: is(1)}
		})},
		{"FromChan that is closed", subjects(func() subject {
			c := make(chan int)
			return subject{
				Future: future.FromChan(c),
				Steps:  []func(){func() { close(c) }},
				Check:  failsWith(future.ErrChanClosed),
			}
		})},
		{"Share", over(1, is(1), func(fs futures) future.Future[int] { return future.Share(fs[0]) })},
		{"Share with others", subjects(func() subject {
			ps := newProbes(1)
			s := future.Share[int](ps[0])
			others := []*future.Shared[int]{s.Clone(), s.Clone()}
			s.Poll(futuretest.NewCounter().Waker()) // the one that polls, and goes away
			go s.Cancel()
			return subject{
				Future:      others[0],
				Steps:       ps.steps(),
				Synchronous: true,
				Check:       is(1),
			}
		})},
		{"Set", lazily(3, oneOf(future.Result[int]{Value: 1}, future.Result[int]{Value: 2}, future.Result[int]{Value: 3}), func(fs futures) future.Future[future.Result[int]] {
			var set future.Set[int]
			for _, f := range fs {
				set.Add(f)
			}
			return set.Next()
		})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := test.test(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func double(n int) (int, error) { return 2 * n, nil }
