package future_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

type subject = futuretest.Subject[int]

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

// steps resolve the probes, the last one first and with its index, with noise in
// between.
func (ps probes) steps() []func() {
	var steps []func()
	for i := len(ps) - 1; i >= 0; i-- {
		steps = append(steps, ps[i].Wake, func() { ps[i].Resolve(i) })
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

func is(want int) func(int, error) error {
	return func(v int, err error) error {
		if v != want || err != nil {
			return fmt.Errorf("result (%v, %v), want %v", v, err, want)
		}
		return nil
	}
}

// oneOf accepts the index of any of n probes: several may be ready at one Poll.
func oneOf(n int) func(int, error) error {
	return func(v int, err error) error {
		if v < 0 || v >= n || err != nil {
			return fmt.Errorf("result (%v, %v), want one below %d", v, err, n)
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

// over makes subjects of what build makes of n probes. Nothing may be left of
// those after Cancel.
func over(n int, check func(int, error) error, build func(fs []future.Future[int]) future.Future[int]) func() subject {
	return func() subject {
		ps := newProbes(n)
		return subject{
			Future:      build(ps.futures()),
			Steps:       ps.steps(),
			Synchronous: true,
			Check:       check,
			Released:    ps.over,
		}
	}
}

// lazily is over for a future that does not own its probes from the beginning.
func lazily(n int, check func(int, error) error, build func(fs []future.Future[int]) future.Future[int]) func() subject {
	return func() subject {
		s := over(n, check, build)()
		s.Released = nil
		return s
	}
}

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
		name  string
		fresh func() subject
	}{
		{"Ready", func() subject { return subject{Future: future.Ready(1), Check: is(1)} }},
		{"Failed", func() subject { return subject{Future: future.Failed[int](errTest), Check: failsWith(errTest)} }},
		{"nil", func() subject { return subject{Future: future.Map(nil, double), Check: failsWith(future.ErrNil)} }},
		{"Func", lazily(1, is(0), func(fs futures) future.Future[int] { return future.Func(fs[0].Poll) })},
		{"Lazy", lazily(1, is(0), func(fs futures) future.Future[int] {
			return future.Lazy(func() future.Future[int] { return fs[0] })
		})},
		{"Map", over(1, is(0), func(fs futures) future.Future[int] { return future.Map(fs[0], double) })},
		{"Then", lazily(2, is(0), func(fs futures) future.Future[int] {
			return future.Then(fs[1], func(int) future.Future[int] { return fs[0] })
		})},
		{"Catch", over(1, is(0), func(fs futures) future.Future[int] {
			return future.Catch(fs[0], func(error) (int, error) { return 1, nil })
		})},
		{"Finally", over(1, is(0), func(fs futures) future.Future[int] { return future.Finally(fs[0], func() {}) })},
		{"All", over(5, is(10), func(fs futures) future.Future[int] { return future.Map(future.All(fs...), sum) })},
		{"All of settlers", func() subject {
			ss := newSettlers(3)
			return subject{
				Future: future.Map(future.All[int](ss[0], ss[1], ss[2]), sum),
				Steps: []func(){
					func() { ss[1].resolve(1) }, func() { ss[0].resolve(2) }, func() { ss[2].resolve(3) },
				},
				Synchronous: true,
				Check:       is(6),
				Released:    probes{ss[0].Probe, ss[1].Probe, ss[2].Probe}.over,
			}
		}},
		{"Settle", over(5, is(10), func(fs futures) future.Future[int] {
			return future.Map(future.Settle(fs...), func(rs []future.Result[int]) (int, error) {
				s := 0
				for _, r := range rs {
					s += r.Value
				}
				return s, nil
			})
		})},
		{"Race", over(3, oneOf(3), func(fs futures) future.Future[int] { return future.Race(fs...) })},
		{"Any", over(3, oneOf(3), func(fs futures) future.Future[int] { return future.Any(fs...) })},
		{"Join2", over(2, is(1), func(fs futures) future.Future[int] {
			return future.Map(future.Join2(fs[0], fs[1]), func(p future.Pair[int, int]) (int, error) {
				return p.A + p.B, nil
			})
		})},
		{"Join3", over(3, is(3), func(fs futures) future.Future[int] {
			return future.Map(future.Join3(fs[0], fs[1], fs[2]), func(t future.Triple[int, int, int]) (int, error) {
				return t.A + t.B + t.C, nil
			})
		})},
		{"Join4", over(4, is(6), func(fs futures) future.Future[int] {
			return future.Map(future.Join4(fs[0], fs[1], fs[2], fs[3]), func(q future.Quad[int, int, int, int]) (int, error) {
				return q.A + q.B + q.C + q.D, nil
			})
		})},
		{"Select2", over(2, either, func(fs futures) future.Future[int] {
			return future.Map(future.Select2(fs[0], fs[1]), func(e future.Either[int, int]) (int, error) {
				return e.Index + e.A + e.B, nil
			})
		})},
		{"Timeout", over(1, is(0), func(fs futures) future.Future[int] { return future.Timeout(fs[0], time.Hour) })},
		{"Timeout that is over", func() subject {
			ps := newProbes(1)
			return subject{
				Future:   future.Timeout[int](ps[0], time.Second),
				Check:    failsWith(future.ErrTimeout),
				Released: ps.over,
			}
		}},
		{"WithContext", over(1, is(0), func(fs futures) future.Future[int] {
			ctx, cancel := context.WithCancel(context.Background())
			return future.Finally(future.WithContext(ctx, fs[0]), cancel)
		})},
		{"WithContext that ends", func() subject {
			ctx, cancel := context.WithCancelCause(context.Background())
			return subject{
				Future: future.WithContext(ctx, future.Never[int]()),
				Steps:  []func(){func() { cancel(errTest) }},
				Check:  failsWith(errTest),
			}
		}},
		{"Done", func() subject {
			ctx, cancel := context.WithCancel(context.Background())
			return subject{
				Future: future.Map(future.Done(ctx), func(struct{}) (int, error) { return 1, nil }),
				Steps:  []func(){cancel},
				Check:  is(1),
			}
		}},
		{"After", func() subject {
			return subject{Future: future.Map(future.After(time.Second), func(struct{}) (int, error) { return 1, nil })}
		}},
		{"Go", func() subject {
			return subject{Future: future.Go(func() (int, error) { return 1, nil }), Check: is(1)}
		}},
		{"GoContext", func() subject {
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
		}},
		{"FromChan", func() subject {
			c := make(chan int, 1)
			return subject{Future: future.FromChan(c), Steps: []func(){func() { c <- 1 }}, Check: is(1)}
		}},
		{"FromChan that is closed", func() subject {
			c := make(chan int)
			return subject{Future: future.FromChan(c), Steps: []func(){func() { close(c) }}, Check: failsWith(future.ErrChanClosed)}
		}},
		{"Share", over(1, is(0), func(fs futures) future.Future[int] { return future.Share(fs[0]) })},
		{"Share with others", func() subject {
			ps := newProbes(1)
			s := future.Share[int](ps[0])
			others := []*future.Shared[int]{s.Clone(), s.Clone()}
			s.Poll(futuretest.NewCounter().Waker()) // the one that polls, and goes away
			go s.Cancel()
			return subject{
				Future:      others[0],
				Steps:       ps.steps(),
				Synchronous: true,
				Check:       is(0),
			}
		}},
		{"Set", over(3, oneOf(3), func(fs futures) future.Future[int] {
			var set future.Set[int]
			for _, f := range fs {
				set.Add(f)
			}
			next := &ofSet{Future: set.Next(), cancel: set.Cancel}
			return future.Then(next, func(r future.Result[int]) future.Future[int] {
				set.Cancel()
				return future.Ready(r.Value)
			})
		})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := futuretest.TestFuture(test.fresh); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// An ofSet is a Next that cancels its set.
type ofSet struct {
	future.Future[future.Result[int]]
	cancel func()
}

func (s *ofSet) Cancel() {
	future.Cancel(s.Future)
	s.cancel()
}

// either accepts what the test of Select2 makes of a first or a second winner.
func either(v int, err error) error {
	if v != 0 && v != 2 || err != nil {
		return fmt.Errorf("result (%v, %v), want 0 or 2", v, err)
	}
	return nil
}

func double(n int) (int, error) { return 2 * n, nil }
