package future_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// A script leads a combinator over n probes through its life, and says after
// each step how often its waker was woken by the step, and how often each probe
// has been polled and cancelled so far.
type script struct {
	name  string
	n     int
	build func(fs []future.Future[int]) future.Future[any]
	steps []step
}

type step struct {
	do      action
	wakes   int
	polls   string
	cancels string
	reason  string
}

type action func(t *testing.T, h *futuretest.Harness[any], ps probes)

func pending(t *testing.T, h *futuretest.Harness[any], ps probes) {
	t.Helper()
	h.Pending()
}

func ready(want any) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) {
		t.Helper()
		if v, err := h.Ready(); err != nil || !reflect.DeepEqual(v, want) {
			t.Fatalf("ready with (%v, %v), want %v", v, err, want)
		}
	}
}

func fails(want error) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) {
		t.Helper()
		if v, err := h.Ready(); !errors.Is(err, want) || v != nil {
			t.Fatalf("ready with (%v, %v), want %v", v, err, want)
		}
	}
}

func panics(want any) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) {
		t.Helper()
		if r := h.Panics(); r != want {
			t.Fatalf("panicked with %v, want %v", r, want)
		}
	}
}

func cancel(t *testing.T, h *futuretest.Harness[any], ps probes) { h.Cancel() }

func resolve(i int) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) { ps[i].Resolve(i + 1) }
}

func fail(i int) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) { ps[i].Fail(errTest) }
}

func crash(i int) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) { ps[i].Panic("crash") }
}

func wake(i int) action {
	return func(t *testing.T, h *futuretest.Harness[any], ps probes) { ps[i].Wake() }
}

// erase makes a future of any, so that one table holds them all. It is a
// combinator of its own, which passes everything through.
func erase[T any](f future.Future[T]) future.Future[any] {
	return future.Map(f, func(v T) (any, error) { return v, nil })
}

type futures = []future.Future[int]

// ended returns a context that has ended with errTest.
func ended() context.Context {
	ctx, cancel := context.WithCancelCause(background)
	cancel(errTest)
	return ctx
}

func TestSteps(t *testing.T) {
	const gone = "a combinator that is over gives ErrConsumed and polls nothing"
	scripts := []script{
		{"Map", 1, func(fs futures) future.Future[any] { return erase(future.Map(fs[0], double)) }, []step{
			{pending, 0, "1", "0", "the first Poll polls the source"},
			{wake(0), 1, "1", "0", "the waker goes straight to the source"},
			{pending, 0, "2", "0", "a spurious wake"},
			{resolve(0), 1, "2", "0", "the result wakes"},
			{ready(2), 0, "3", "0", "the function gets the value"},
			{fails(future.ErrConsumed), 0, "3", "0", gone},
			{cancel, 0, "3", "0", "what is over is not cancelled"},
		}},
		{"Map of an error", 1, func(fs futures) future.Future[any] { return erase(future.Map(fs[0], double)) }, []step{
			{fail(0), 0, "0", "0", "nobody waits yet"},
			{fails(errTest), 0, "1", "0", "the error passes"},
		}},
		{"Map cancelled", 1, func(fs futures) future.Future[any] { return erase(future.Map(fs[0], double)) }, []step{
			{pending, 0, "1", "0", "begin"},
			{cancel, 0, "1", "1", "the source is cancelled"},
			{cancel, 0, "1", "1", "once"},
			{fails(future.ErrCanceled), 0, "2", "1", "and polled once more, for a result that it kept"},
			{fails(future.ErrCanceled), 0, "2", "1", "once"},
			{resolve(0), 0, "2", "1", "what comes later is lost"},
		}},
		{"Map panics", 1, func(fs futures) future.Future[any] {
			return erase(future.Map(fs[0], func(int) (int, error) { panic("mine") }))
		}, []step{
			{resolve(0), 0, "0", "0", "begin"},
			{panics("mine"), 0, "1", "0", "the source has finished: nothing to cancel"},
			{fails(future.ErrCanceled), 0, "1", "0", "it is over"},
		}},
		{"Map of a panic", 1, func(fs futures) future.Future[any] { return erase(future.Map(fs[0], double)) }, []step{
			{crash(0), 0, "0", "0", "begin"},
			{panics("crash"), 0, "1", "1", "rule 5: what panicked is cancelled"},
		}},
		{"Then", 2, func(fs futures) future.Future[any] {
			return erase(future.Then(fs[0], func(int) future.Future[int] { return fs[1] }))
		}, []step{
			{pending, 0, "1 0", "0 0", "the second does not exist yet"},
			{resolve(0), 1, "1 0", "0 0", "the first wakes"},
			{pending, 0, "2 1", "0 0", "the second is polled at once"},
			{wake(0), 1, "2 1", "0 0", "the first has the old waker: a spurious wake"},
			{pending, 0, "2 2", "0 0", "the first is not polled again"},
			{resolve(1), 1, "2 2", "0 0", "the second wakes"},
			{ready(2), 0, "2 3", "0 0", "its value is the result"},
			{fails(future.ErrConsumed), 0, "2 3", "0 0", gone},
		}},
		{"Then cancelled early", 2, func(fs futures) future.Future[any] {
			return erase(future.Then(fs[0], func(int) future.Future[int] { return fs[1] }))
		}, []step{
			{pending, 0, "1 0", "0 0", "begin"},
			{cancel, 0, "1 0", "1 0", "the second was never made"},
		}},
		{"Then cancelled late", 2, func(fs futures) future.Future[any] {
			return erase(future.Then(fs[0], func(int) future.Future[int] { return fs[1] }))
		}, []step{
			{resolve(0), 0, "0 0", "0 0", "begin"},
			{pending, 0, "1 1", "0 0", "the second is on"},
			{cancel, 0, "1 1", "0 1", "the first has finished"},
			{cancel, 0, "1 1", "0 1", "once"},
		}},
		{"Catch", 1, func(fs futures) future.Future[any] {
			return erase(future.Catch(fs[0], func(err error) (int, error) { return -1, nil }))
		}, []step{
			{pending, 0, "1", "0", "begin"},
			{fail(0), 1, "1", "0", "an error wakes"},
			{ready(-1), 0, "2", "0", "and is caught"},
			{fails(future.ErrConsumed), 0, "2", "0", gone},
		}},
		{"Catch cancelled", 1, func(fs futures) future.Future[any] {
			return erase(future.Catch(fs[0], func(err error) (int, error) { return -1, nil }))
		}, []step{
			{cancel, 0, "0", "1", "before the first Poll"},
			{fails(future.ErrCanceled), 0, "1", "1", "ErrCanceled is not caught"},
		}},
		{"Timeout not over", 1, func(fs futures) future.Future[any] {
			return erase(future.Timeout(fs[0], time.Hour))
		}, []step{
			{pending, 0, "1", "0", "begin"},
			{resolve(0), 1, "1", "0", "the waker goes straight to the source"},
			{ready(1), 0, "2", "0", "in time"},
			{fails(future.ErrConsumed), 0, "2", "0", gone},
		}},
		{"Timeout of nothing", 1, func(fs futures) future.Future[any] {
			return erase(future.Timeout(fs[0], 0))
		}, []step{
			{fails(future.ErrTimeout), 0, "2", "1", "one Poll, Cancel, and one more for a result that was quicker"},
			{fails(future.ErrConsumed), 0, "2", "1", gone},
			{cancel, 0, "2", "1", "cancelled once"},
		}},
		{"WithContext", 1, func(fs futures) future.Future[any] {
			return erase(future.WithContext(ended(), fs[0]))
		}, []step{
			{fails(errTest), 0, "2", "1", "one Poll, Cancel, and one more for a result that was quicker"},
			{fails(future.ErrConsumed), 0, "2", "1", gone},
			{cancel, 0, "2", "1", "cancelled once"},
		}},
		{"Finally", 1, func(fs futures) future.Future[any] { return erase(future.Finally(fs[0], func() {})) }, []step{
			{pending, 0, "1", "0", "begin"},
			{resolve(0), 1, "1", "0", "the waker goes straight to the source"},
			{ready(1), 0, "2", "0", "the result is that of the source"},
			{cancel, 0, "2", "0", "over"},
		}},
		{"Completed", 2, func(fs futures) future.Future[any] {
			return future.Lazy(func() future.Future[any] {
				for i, r := range future.Completed(background, fs...) {
					return future.Ready[any](10*i + r.Value)
				}
				return nil
			})
		}, []step{
			{resolve(1), 0, "0 0", "0 0", "ready before the loop"},
			{ready(12), 0, "1 1", "1 0", "the loop is left: the other is cancelled"},
		}},
		{"All", 3, func(fs futures) future.Future[any] { return erase(future.All(fs...)) }, []step{
			{pending, 0, "1 1 1", "0 0 0", "the first Poll polls all"},
			{pending, 0, "1 1 1", "0 0 0", "a spurious Poll polls none"},
			{wake(1), 1, "1 1 1", "0 0 0", "a child wakes"},
			{wake(1), 0, "1 1 1", "0 0 0", "wakes coalesce"},
			{wake(2), 0, "1 1 1", "0 0 0", "those of several children too"},
			{pending, 0, "1 2 2", "0 0 0", "those that were woken are polled once"},
			{resolve(2), 1, "1 2 2", "0 0 0", "a child is done"},
			{pending, 0, "1 2 3", "0 0 0", "its value is kept"},
			{wake(2), 1, "1 2 3", "0 0 0", "a finished child wakes late"},
			{pending, 0, "1 2 3", "0 0 0", "and is not polled"},
			{resolve(0), 1, "1 2 3", "0 0 0", "one more"},
			{resolve(1), 0, "1 2 3", "0 0 0", "and the last"},
			{ready([]int{1, 2, 3}), 0, "2 3 3", "0 0 0", "the order is that of the arguments"},
			{fails(future.ErrConsumed), 0, "2 3 3", "0 0 0", gone},
			{wake(0), 0, "2 3 3", "0 0 0", "nobody is woken after the end"},
			{cancel, 0, "2 3 3", "0 0 0", "nothing is left to cancel"},
		}},
		{"All with an error", 3, func(fs futures) future.Future[any] { return erase(future.All(fs...)) }, []step{
			{resolve(0), 0, "0 0 0", "0 0 0", "one is done"},
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{fail(1), 1, "1 1 1", "0 0 0", "one fails"},
			{fails(errTest), 0, "1 2 1", "0 0 1", "the rest is cancelled, what has finished is not"},
			{fails(future.ErrConsumed), 0, "1 2 1", "0 0 1", gone},
			{cancel, 0, "1 2 1", "0 0 1", "once"},
			{resolve(2), 0, "1 2 1", "0 0 1", "late wakes do no harm"},
		}},
		{"All cancelled", 3, func(fs futures) future.Future[any] { return erase(future.All(fs...)) }, []step{
			{resolve(0), 0, "0 0 0", "0 0 0", "one is done"},
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{cancel, 0, "1 1 1", "0 1 1", "the others are cancelled"},
			{cancel, 0, "1 1 1", "0 1 1", "once"},
			{fails(future.ErrCanceled), 0, "1 1 1", "0 1 1", "over"},
		}},
		{"All cancelled unpolled", 2, func(fs futures) future.Future[any] { return erase(future.All(fs...)) }, []step{
			{cancel, 0, "0 0", "1 1", "the children too"},
		}},
		{"All with a panic", 3, func(fs futures) future.Future[any] { return erase(future.All(fs...)) }, []step{
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{crash(1), 1, "1 1 1", "0 0 0", "one will panic"},
			{panics("crash"), 0, "1 2 1", "1 1 1", "all are cancelled, the one that panicked by rule 5"},
			{fails(future.ErrCanceled), 0, "1 2 1", "1 1 1", "over"},
		}},
		{"Settle", 3, func(fs futures) future.Future[any] { return erase(future.Settle(fs...)) }, []step{
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{fail(2), 1, "1 1 1", "0 0 0", "one fails"},
			{pending, 0, "1 1 2", "0 0 0", "the others go on"},
			{resolve(1), 1, "1 1 2", "0 0 0", "done"},
			{resolve(0), 0, "1 1 2", "0 0 0", "done"},
			{ready([]future.Result[int]{{Value: 1}, {Value: 2}, {Err: errTest}}), 0, "2 2 2", "0 0 0", "the order is that of the arguments"},
			{fails(future.ErrConsumed), 0, "2 2 2", "0 0 0", gone},
		}},
		{"Settle cancelled", 2, func(fs futures) future.Future[any] { return erase(future.Settle(fs...)) }, []step{
			{fail(1), 0, "0 0", "0 0", "one fails"},
			{pending, 0, "1 1", "0 0", "begin"},
			{cancel, 0, "1 1", "1 0", "what has failed has finished"},
		}},
		{"Race", 3, func(fs futures) future.Future[any] { return erase(future.Race(fs...)) }, []step{
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{wake(0), 1, "1 1 1", "0 0 0", "not the winner"},
			{pending, 0, "2 1 1", "0 0 0", "only what was woken is polled"},
			{resolve(2), 1, "2 1 1", "0 0 0", "the winner"},
			{resolve(1), 0, "2 1 1", "0 0 0", "a close second"},
			{ready(3), 0, "2 1 2", "1 1 0", "the losers are cancelled unseen"},
			{fails(future.ErrConsumed), 0, "2 1 2", "1 1 0", gone},
			{cancel, 0, "2 1 2", "1 1 0", "once"},
		}},
		{"Race won by an error", 2, func(fs futures) future.Future[any] { return erase(future.Race(fs...)) }, []step{
			{fail(0), 0, "0 0", "0 0", "ready before the first Poll"},
			{fails(errTest), 0, "1 0", "0 1", "an error is a result; the loser is never polled"},
		}},
		{"Any", 3, func(fs futures) future.Future[any] { return erase(future.Any(fs...)) }, []step{
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{fail(0), 1, "1 1 1", "0 0 0", "an error wakes"},
			{pending, 0, "2 1 1", "0 0 0", "but does not win"},
			{resolve(1), 1, "2 1 1", "0 0 0", "a value"},
			{ready(2), 0, "2 2 1", "0 0 1", "wins; the one that failed has finished"},
		}},
		{"Any of failures", 2, func(fs futures) future.Future[any] { return erase(future.Any(fs...)) }, []step{
			{fail(1), 0, "0 0", "0 0", "one"},
			{pending, 0, "1 1", "0 0", "is not enough"},
			{fail(0), 1, "1 1", "0 0", "both"},
			{fails(errTest), 0, "2 1", "0 0", "are"},
		}},
		{"Any cancelled", 2, func(fs futures) future.Future[any] { return erase(future.Any(fs...)) }, []step{
			{fail(1), 0, "0 0", "0 0", "one fails"},
			{pending, 0, "1 1", "0 0", "begin"},
			{cancel, 0, "1 1", "1 0", "the other is cancelled"},
		}},
		{"Join2", 2, func(fs futures) future.Future[any] { return erase(future.Join2(fs[0], fs[1])) }, []step{
			{pending, 0, "1 1", "0 0", "begin"},
			{resolve(1), 1, "1 1", "0 0", "the waker goes straight to both"},
			{pending, 0, "2 2", "0 0", "all that have not finished are polled"},
			{resolve(0), 1, "2 2", "0 0", "the other"},
			{ready(future.Pair[int, int]{A: 1, B: 2}), 0, "3 2", "0 0", "what has finished is not polled"},
			{fails(future.ErrConsumed), 0, "3 2", "0 0", gone},
		}},
		{"Join3 with an error", 3, func(fs futures) future.Future[any] { return erase(future.Join3(fs[0], fs[1], fs[2])) }, []step{
			{resolve(0), 0, "0 0 0", "0 0 0", "one is done"},
			{fail(1), 0, "0 0 0", "0 0 0", "one fails"},
			{fails(errTest), 0, "1 1 0", "0 0 1", "the rest is cancelled"},
			{cancel, 0, "1 1 0", "0 0 1", "once"},
		}},
		{"Join4 with a panic", 4, func(fs futures) future.Future[any] {
			return erase(future.Join4(fs[0], fs[1], fs[2], fs[3]))
		}, []step{
			{resolve(0), 0, "0 0 0 0", "0 0 0 0", "one is done"},
			{crash(2), 0, "0 0 0 0", "0 0 0 0", "one will panic"},
			{panics("crash"), 0, "1 1 1 0", "0 1 1 1", "all that have not finished are cancelled"},
		}},
		{"Select2", 2, func(fs futures) future.Future[any] { return erase(future.Select2(fs[0], fs[1])) }, []step{
			{pending, 0, "1 1", "0 0", "begin"},
			{resolve(1), 1, "1 1", "0 0", "the waker goes straight to both"},
			{ready(future.Either[int, int]{Index: 1, B: 2}), 0, "2 2", "1 0", "the loser is cancelled"},
			{cancel, 0, "2 2", "1 0", "once"},
		}},
		{"Select2 cancelled", 2, func(fs futures) future.Future[any] { return erase(future.Select2(fs[0], fs[1])) }, []step{
			{pending, 0, "1 1", "0 0", "begin"},
			{cancel, 0, "1 1", "1 1", "both are cancelled"},
		}},
		{"Select3", 3, func(fs futures) future.Future[any] { return erase(future.Select3(fs[0], fs[1], fs[2])) }, []step{
			{pending, 0, "1 1 1", "0 0 0", "begin"},
			{resolve(1), 1, "1 1 1", "0 0 0", "the waker goes straight to all"},
			{ready(future.Either3[int, int, int]{Index: 1, B: 2}), 0, "2 2 1", "1 0 1", "the losers are canceled, those behind it unpolled"},
			{fails(future.ErrConsumed), 0, "2 2 1", "1 0 1", gone},
			{cancel, 0, "2 2 1", "1 0 1", "once"},
		}},
		{"Select4 canceled", 4, func(fs futures) future.Future[any] {
			return erase(future.Select4(fs[0], fs[1], fs[2], fs[3]))
		}, []step{
			{pending, 0, "1 1 1 1", "0 0 0 0", "begin"},
			{cancel, 0, "1 1 1 1", "1 1 1 1", "all are canceled"},
			{cancel, 0, "1 1 1 1", "1 1 1 1", "once"},
		}},
		{"OrElse", 2, func(fs futures) future.Future[any] {
			return erase(future.OrElse(fs[0], func(error) future.Future[int] { return fs[1] }))
		}, []step{
			{pending, 0, "1 0", "0 0", "the second does not exist yet"},
			{fail(0), 1, "1 0", "0 0", "the first wakes"},
			{pending, 0, "2 1", "0 0", "the second is polled at once"},
			{resolve(1), 1, "2 1", "0 0", "the second wakes"},
			{ready(2), 0, "2 2", "0 0", "its value is the result"},
			{fails(future.ErrConsumed), 0, "2 2", "0 0", gone},
		}},
		{"OrElse that is not needed", 2, func(fs futures) future.Future[any] {
			return erase(future.OrElse(fs[0], func(error) future.Future[int] { return fs[1] }))
		}, []step{
			{resolve(0), 0, "0 0", "0 0", "begin"},
			{ready(1), 0, "1 0", "0 0", "a value is passed on"},
		}},
		{"OrElse canceled late", 2, func(fs futures) future.Future[any] {
			return erase(future.OrElse(fs[0], func(error) future.Future[int] { return fs[1] }))
		}, []step{
			{fail(0), 0, "0 0", "0 0", "begin"},
			{pending, 0, "1 1", "0 0", "the second is on"},
			{cancel, 0, "1 1", "0 1", "the first has finished"},
		}},
		{"Borrow", 1, func(fs futures) future.Future[any] { return erase(future.Borrow(fs[0])) }, []step{
			{pending, 0, "1", "0", "begin"},
			{cancel, 0, "1", "0", "the source is left as it is"},
			{fails(future.ErrCanceled), 0, "1", "0", "and not polled any more"},
			{resolve(0), 1, "1", "0", "it has the old waker"},
		}},
		{"Owned", 1, func(fs futures) future.Future[any] { return erase(future.Owned(fs[0], func(int) {})) }, []step{
			{pending, 0, "1", "0", "begin"},
			{cancel, 0, "2", "1", "polled once more for a value to release"},
			{cancel, 0, "2", "1", "once"},
			{fails(future.ErrCanceled), 0, "2", "1", "over"},
		}},
		{"Share", 1, func(fs futures) future.Future[any] { return erase[int](future.Share(fs[0])) }, []step{
			{pending, 0, "1", "0", "begin"},
			{pending, 0, "1", "0", "a spurious Poll goes no further"},
			{wake(0), 1, "1", "0", "a wake"},
			{pending, 0, "2", "0", "does"},
			{resolve(0), 1, "2", "0", "done"},
			{ready(1), 0, "3", "0", "the result"},
			{fails(future.ErrConsumed), 0, "3", "0", gone},
			{cancel, 0, "3", "0", "what is over is not cancelled"},
		}},
		{"Share of a panic", 1, func(fs futures) future.Future[any] {
			return erase(future.Catch(future.Share(fs[0]), func(err error) (int, error) {
				return 0, errors.Unwrap(err)
			}))
		}, []step{
			{pending, 0, "1", "0", "begin"},
			{crash(0), 1, "1", "0", "it will panic"},
			{ready(0), 0, "2", "1", "the panic is a result, and what panicked is cancelled"},
		}},
		{"Lazy", 1, func(fs futures) future.Future[any] {
			return erase(future.Lazy(func() future.Future[int] { return fs[0] }))
		}, []step{
			{pending, 0, "1", "0", "made and polled"},
			{cancel, 0, "1", "1", "passed on"},
		}},
		{"Lazy cancelled", 1, func(fs futures) future.Future[any] {
			return erase(future.Lazy(func() future.Future[int] { panic("called") }))
		}, []step{
			{cancel, 0, "0", "0", "never made"},
			{fails(future.ErrCanceled), 0, "0", "0", "over"},
		}},
	}
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			ps := newProbes(s.n)
			h := futuretest.NewHarness(t, s.build(ps.futures()))
			for i, step := range s.steps {
				step.do(t, h, ps)
				if n := h.Wakes(); n != step.wakes {
					t.Errorf("step %d (%s): %d wakes, want %d", i, step.reason, n, step.wakes)
				}
				var polls, cancels []string
				for _, p := range ps {
					polls = append(polls, fmt.Sprint(p.Polls()))
					cancels = append(cancels, fmt.Sprint(p.Cancels()))
				}
				if got := strings.Join(polls, " "); got != step.polls {
					t.Errorf("step %d (%s): polls %s, want %s", i, step.reason, got, step.polls)
				}
				if got := strings.Join(cancels, " "); got != step.cancels {
					t.Errorf("step %d (%s): cancels %s, want %s", i, step.reason, got, step.cancels)
				}
			}
		})
	}
}
