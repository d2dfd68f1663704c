package future_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// An uncomparableError cannot be compared with ==, nor by errors.Is.
type uncomparableError struct{ details any }

func (uncomparableError) Error() string { return "uncomparable" }

// A panickyError panics when it is compared.
type panickyError struct{}

func (panickyError) Error() string   { return "panicky" }
func (panickyError) Is(error) bool   { panic("Is of a panickyError") }
func (panickyError) Unwrap() []error { panic("Unwrap of a panickyError") }

// An error of the user whose comparison panics is a result like any other.
func TestErrorsWhoseComparisonPanics(t *testing.T) {
	for name, bad := range map[string]error{
		"uncomparable":            uncomparableError{map[string]any{}},
		"nil *net.OpError":        (*net.OpError)(nil),
		"with methods that panic": panickyError{},
	} {
		same := func(err error) bool { return err != nil && reflect.TypeOf(err) == reflect.TypeOf(bad) }
		for way, build := range onesource {
			for _, canceled := range []bool{false, true} {
				p := new(parcel[int])
				f := build(p)
				p.send(0, bad)
				if canceled {
					future.Cancel(f)
				}
				if _, err := once(t, f); !same(err) {
					t.Errorf("%s: %s (canceled %v): got %T, want the error", name, way, canceled, err)
				}
			}
		}
		failed := func() future.Future[int] { return future.Failed[int](bad) }
		never := future.Never[int]
		for way, f := range map[string]future.Future[any]{
			"Go":      erase(future.Go(func() (int, error) { return 0, bad })),
			"All":     erase(future.All(never(), failed())),
			"Race":    erase(future.Race(never(), failed())),
			"Join2":   erase(future.Join2(never(), failed())),
			"Select2": erase(future.Select2(never(), failed())),
			"Select3": erase(future.Select3(never(), never(), failed())),
			"Share":   erase[int](future.Share(failed())),
			"Owned":   erase(future.Owned(failed(), func(int) {})),
			"Borrow":  erase(future.Borrow(failed())),
		} {
			if _, err := future.Await(background, f); !same(err) {
				t.Errorf("%s: %s: got %T, want the error", name, way, err)
			}
		}
		if _, err := once(t, future.Any(failed(), failed())); err == nil {
			t.Errorf("%s: Any: no error", name)
		}
		ctx, cancel := context.WithCancelCause(background)
		cancel(bad)
		if _, err := future.Await(ctx, never()); !same(err) {
			t.Errorf("%s: Await: got %T, want the cause", name, err)
		}
		if _, err := once(t, future.WithContext(ctx, future.Never[int]())); !same(err) {
			t.Errorf("%s: WithContext: got %T, want the cause", name, err)
		}
		for stream, loop := range streams {
			if _, err := loop(ctx, []future.Future[int]{future.Never[int]()}, func(int) {}); !same(err) {
				t.Errorf("%s: %s: got %T, want the cause", name, stream, err)
			}
		}
		if err := futuretest.TestFuture(func() futuretest.Subject[int] {
			return futuretest.Subject[int]{Future: future.Failed[int](bad)}
		}); err != nil {
			t.Errorf("%s: TestFuture: %v", name, err)
		}
		p := &future.PanicError{Value: bad}
		if !strings.HasPrefix(p.Error(), "panic: ") || len(fmt.Sprintf("%+v", p)) == 0 || p.LogValue().String() == "" {
			t.Errorf("%s: a PanicError of it says %q", name, p)
		}
	}
}

// What every exported function does with nil and zero arguments, and every exported
// type as its zero value: an error or a panic that says what is nil, or a result.
func TestNilAndZeroArguments(t *testing.T) {
	type F = future.Future[int]
	f := future.Ready[int]
	never := future.Never[int]
	var noContext context.Context
	var noTest testing.TB
	var noShared *future.Shared[int]
	var noSet *future.Set[int]
	var noWaker *future.Waker
	var noPanic *future.PanicError
	result := func(v any, err error) string { return fmt.Sprintf("%v, %v", v, err) }
	poll := func(f interface {
		Poll(*future.Waker) (int, bool, error)
	}) string {
		_, ready, err := f.Poll(nil)
		if !ready {
			return "pending"
		}
		return isErrNil(err)
	}
	tests := []struct {
		name string
		call func() string // what comes of it
		want string        // that, or "panic: " and what it panics with
	}{
		// Nil futures.
		{"Await", func() string { _, err := future.Await[int](background, nil); return isErrNil(err) }, "future: nil Future"},
		{"Map", func() string { return poll(future.Map(nil, double)) }, "future: Map: the future is nil"},
		{"Then", func() string { return poll(future.Then(nil, f)) }, "future: Then: the future is nil"},
		{"Then's", func() string { return poll(future.Then(f(1), func(int) F { return nil })) }, "future: Then: the future that its function returned is nil"},
		{"Catch", func() string { return poll(future.Catch(nil, rethrow)) }, "future: Catch: the future is nil"},
		{"OrElse", func() string { return poll(future.OrElse(nil, future.Failed[int])) }, "future: OrElse: the future is nil"},
		{"OrElse's", func() string {
			return poll(future.OrElse(future.Failed[int](errTest), func(error) F { return nil }))
		}, "future: OrElse: the future that its function returned is nil"},
		{"Finally", func() string { return poll(future.Finally[int](nil, func() {})) }, "future: Finally: the future is nil"},
		{"Lazy's", func() string { return poll(future.Lazy(func() F { return nil })) }, "future: Lazy: the future that its function returned is nil"},
		{"Timeout", func() string { return poll(future.Timeout[int](nil, time.Hour)) }, "future: Timeout: the future is nil"},
		{"Deadline", func() string { return poll(future.Deadline[int](nil, time.Now())) }, "future: Deadline: the future is nil"},
		{"WithContext", func() string { return poll(future.WithContext[int](background, nil)) }, "future: WithContext: the future is nil"},
		{"Owned", func() string { return poll(future.Owned(nil, func(int) {})) }, "future: Owned: the future is nil"},
		{"Borrow", func() string { return poll(future.Borrow[int](nil)) }, "future: Borrow: the future is nil"},
		{"Share", func() string { return poll(future.Share[int](nil)) }, "future: Share: the future is nil"},
		{"All", func() string { _, _, err := future.All(never(), nil, never()).Poll(nil); return isErrNil(err) }, "future: All: future 2 of 3 is nil"},
		{"Race", func() string { return poll(future.Race(never(), nil)) }, "future: Race: future 2 of 2 is nil"},
		{"Any", func() string { return poll(future.Any[int](nil)) }, "future: Any: future 1 of 1 is nil"},
		{"Settle", func() string {
			rs, _, _ := future.Settle(f(1), nil).Poll(nil)
			return isErrNil(rs[1].Err)
		}, "future: Settle: future 2 of 2 is nil"},
		{"Join2", func() string { _, _, err := future.Join2[int, int](never(), nil).Poll(nil); return isErrNil(err) }, "future: Join2: future 2 of 2 is nil"},
		{"Join3", func() string {
			_, _, err := future.Join3[int, int, int](never(), never(), nil).Poll(nil)
			return isErrNil(err)
		}, "future: Join3: future 3 of 3 is nil"},
		{"Join4", func() string {
			_, _, err := future.Join4[int, int, int, int](nil, never(), never(), never()).Poll(nil)
			return isErrNil(err)
		}, "future: Join4: future 1 of 4 is nil"},
		{"Select2", func() string { _, _, err := future.Select2[int, int](never(), nil).Poll(nil); return isErrNil(err) }, "future: Select2: future 2 of 2 is nil"},
		{"Select3", func() string {
			_, _, err := future.Select3[int, int, int](never(), nil, never()).Poll(nil)
			return isErrNil(err)
		}, "future: Select3: future 2 of 3 is nil"},
		{"Select4", func() string {
			_, _, err := future.Select4[int, int, int, int](never(), never(), never(), nil).Poll(nil)
			return isErrNil(err)
		}, "future: Select4: future 4 of 4 is nil"},
		{"Completed", func() string {
			for _, r := range future.Completed[int](background, nil, never()) {
				return isErrNil(r.Err)
			}
			return "no result"
		}, "future: Completed: future 1 of 2 is nil"},
		{"Buffered", func() string { return firstError(future.Buffered(background, slices.Values([]F{nil}), 1)) }, "future: a future of the sequence is nil"},
		{"BufferedUnordered", func() string {
			return firstError(future.BufferedUnordered(background, slices.Values([]F{nil}), 1))
		}, "future: a future of the sequence is nil"},
		{"Set.Add", func() string {
			var set future.Set[int]
			set.Add(nil)
			r, _, _ := set.Next().Poll(nil)
			return isErrNil(r.Err)
		}, "future: Set.Add: the future is nil"},
		{"Chan", func() string { return isErrNil((<-future.Chan[int](nil)).Err) }, "future: Chan: the future is nil"},
		{"Cancel", func() string { future.Cancel(nil); return "" }, ""},

		// Nothing at all.
		{"All()", func() string { return result(once(t, future.All[int]())) }, "[], <nil>"},
		{"Settle()", func() string { return result(once(t, future.Settle[int]())) }, "[], <nil>"},
		{"Race()", func() string { return result(once(t, future.Race[int]())) }, "0, future: no futures to wait for"},
		{"Any()", func() string { return result(once(t, future.Any[int]())) }, "0, future: no futures to wait for"},
		{"Slice(nil)", func() string { return fmt.Sprint(future.Slice[int, F](nil)) }, "[]"},
		{"Failed(nil)", func() string { return result(once(t, future.Failed[int](nil))) }, "0, <nil>"},
		{"Recovered(nil)", func() string { return future.Recovered(nil).Error() }, "future: runtime.Goexit was called"},
		{"After(0)", func() string { return result(once(t, future.After(0))) }, "{}, <nil>"},
		{"At the zero time", func() string { return result(once(t, future.At(time.Time{}))) }, "{}, <nil>"},
		{"Timeout of 0", func() string { return result(once(t, future.Timeout(never(), 0))) }, "0, future: timeout"},
		{"Buffered of -1", func() string { return firstError(future.Buffered(background, slices.Values([]F{f(1)}), -1)) }, "<nil>"},
		{"Buffered of the largest", func() string {
			return firstError(future.Buffered(background, slices.Values([]F{f(1)}), int(^uint(0)>>1)))
		}, "<nil>"},
		{"BufferedUnordered of -1", func() string {
			return firstError(future.BufferedUnordered(background, slices.Values([]F{f(1)}), -1))
		}, "<nil>"},

		// Nil contexts.
		{"Await in nil", func() string { future.Await(noContext, f(1)); return "" }, "panic: future: Await with a nil context"},
		{"WithContext of nil", func() string { future.WithContext(noContext, f(1)); return "" }, "panic: future: WithContext with a nil context"},
		{"Done", func() string { future.Done(noContext); return "" }, "panic: future: Done of a nil context"},
		{"GoContext in nil", func() string {
			future.GoContext(noContext, func(context.Context) (int, error) { return 0, nil })
			return ""
		}, "panic: future: GoContext with a nil context"},
		{"Completed in nil", func() string { future.Completed(noContext, f(1)); return "" }, "panic: future: Completed with a nil context"},
		{"Buffered in nil", func() string { future.Buffered(noContext, slices.Values([]F{}), 1); return "" }, "panic: future: Buffered with a nil context"},
		{"BufferedUnordered in nil", func() string { future.BufferedUnordered(noContext, slices.Values([]F{}), 1); return "" }, "panic: future: BufferedUnordered with a nil context"},

		// Nil functions, channels and sequences.
		{"Func", func() string { future.Func[int](nil); return "" }, "panic: future: Func of a nil function"},
		{"Lazy", func() string { future.Lazy[int](nil); return "" }, "panic: future: Lazy of a nil function"},
		{"Go", func() string { future.Go[int](nil); return "" }, "panic: future: Go of a nil function"},
		{"Do", func() string { future.Do(nil); return "" }, "panic: future: Do of a nil function"},
		{"GoContext", func() string { future.GoContext[int](background, nil); return "" }, "panic: future: GoContext of a nil function"},
		{"Map of nil", func() string { future.Map[int, int](f(1), nil); return "" }, "panic: future: Map with a nil function"},
		{"Then with nil", func() string { future.Then[int, int](f(1), nil); return "" }, "panic: future: Then with a nil function"},
		{"Catch with nil", func() string { future.Catch(f(1), nil); return "" }, "panic: future: Catch with a nil function"},
		{"OrElse with nil", func() string { future.OrElse(f(1), nil); return "" }, "panic: future: OrElse with a nil function"},
		{"Finally with nil", func() string { future.Finally(f(1), nil); return "" }, "panic: future: Finally with a nil function"},
		{"Owned with nil", func() string { future.Owned(f(1), nil); return "" }, "panic: future: Owned with a nil function"},
		{"NewWaker", func() string { future.NewWaker(nil); return "" }, "panic: future: NewWaker of a nil function"},
		{"FromChan", func() string { future.FromChan[int](nil); return "" }, "panic: future: FromChan of a nil channel"},
		{"Buffered of nil", func() string { future.Buffered[int](background, nil, 1); return "" }, "panic: future: Buffered of a nil sequence"},
		{"BufferedUnordered of nil", func() string { future.BufferedUnordered[int](background, nil, 1); return "" }, "panic: future: BufferedUnordered of a nil sequence"},

		// Zero values and nil pointers of exported types.
		{"zero Set", func() string {
			var set future.Set[int]
			set.Cancel()
			set.Add(f(3))
			return result(once(t, set.Next()))
		}, "{3 <nil>}, <nil>"},
		{"nil Set: Add", func() string { noSet.Add(f(1)); return "" }, "panic: future: Add to a nil Set"},
		{"nil Set: Next", func() string { noSet.Next(); return "" }, "panic: future: Next of a nil Set"},
		{"nil Set: Len, Cancel, String", func() string { noSet.Cancel(); return fmt.Sprint(noSet.Len(), " ", noSet.String()) }, "0 future.Set[int]"},
		{"zero Shared", func() string { return poll(new(future.Shared[int])) }, "future: a Shared that Share has not made"},
		{"nil Shared", func() string { return poll(noShared) }, "future: a Shared that Share has not made"},
		{"nil Shared in Map", func() string { return poll(future.Map[int](noShared, double)) }, "future: a Shared that Share has not made"},
		{"nil Shared: Cancel", func() string { noShared.Cancel(); new(future.Shared[int]).Cancel(); return noShared.String() }, "future.Shared[int]"},
		{"nil Shared: Clone", func() string { noShared.Clone(); return "" }, "panic: future: Clone of a Shared that Share has not made"},
		{"zero Shared: Clone", func() string { new(future.Shared[int]).Clone(); return "" }, "panic: future: Clone of a Shared that Share has not made"},
		{"nil Waker", func() string { noWaker.Wake(); noWaker.Settle(true); return fmt.Sprint(noWaker.Target()) }, "<nil>"},
		{"zero Waker", func() string {
			w := new(future.Waker)
			w.Wake()
			w.Settle(false)
			return fmt.Sprint(w.Target())
		}, "<nil>"},
		{"nil Waker: Init", func() string { noWaker.Init(futuretest.NewCounter()); return "" }, "panic: future: Init of a nil Waker"},
		{"Waker: Init with nil", func() string { new(future.Waker).Init(nil); return "" }, "panic: future: Init of a Waker with a nil Wakeable"},
		{"nil PanicError", func() string {
			return fmt.Sprintf("%v %+v %v %v", noPanic, noPanic, noPanic.Unwrap(), noPanic.LogValue())
		}, "panic: nil *PanicError panic: nil *PanicError <nil> panic: nil *PanicError"},
		{"zero PanicError", func() string { return fmt.Sprintf("%+v", new(future.PanicError)) }, "panic: <nil>"},
		{"zero Result", func() string { return fmt.Sprint(future.Result[int]{}) }, "{0 <nil>}"},

		// Package futuretest.
		{"NewHarness without a test", func() string { futuretest.NewHarness(noTest, f(1)); return "" }, "panic: futuretest: NewHarness with a nil testing.TB"},
		{"NewHarness", func() string { futuretest.NewHarness[int](t, nil); return "" }, "panic: futuretest: NewHarness of a nil future"},
		{"zero Harness", func() string { new(futuretest.Harness[int]).Pending(); return "" }, "panic: futuretest: a Harness that NewHarness has not made"},
		{"TestFuture", func() string { futuretest.TestFuture[int](nil); return "" }, "panic: futuretest: TestFuture of a nil function"},
		{"TestFuture of nothing", func() string {
			return fmt.Sprint(futuretest.TestFuture(func() futuretest.Subject[int] { return futuretest.Subject[int]{} }))
		}, "futuretest: the Future of the Subject is nil"},
		{"TestFuture of a nil step", func() string {
			return fmt.Sprint(futuretest.TestFuture(func() futuretest.Subject[int] {
				return futuretest.Subject[int]{Future: never(), Steps: []func(){func() {}, nil}}
			}))
		}, "futuretest: step 2 of 2 of the Subject is nil"},
		{"zero Counter", func() string { c := new(futuretest.Counter); c.OnWake(); c.Waker(); return "" }, "panic: futuretest: a Counter that NewCounter has not made"},
		{"zero Recorder", func() string { r := new(futuretest.Recorder); r.Waker("a").Wake(); return fmt.Sprint(r.Wakes()) }, "[a]"},
		{"zero Probe", func() string { p := new(futuretest.Probe[int]); p.Resolve(5); return result(once(t, p)) }, "5, <nil>"},
		{"zero Probe: Wake", func() string { p := new(futuretest.Probe[int]); p.Wake(); return fmt.Sprint(p.Waker()) }, "<nil>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := func() (got string) {
				defer func() {
					if r := recover(); r != nil {
						got = fmt.Sprint("panic: ", r)
					}
				}()
				return test.call()
			}()
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// isErrNil is the text of err, which must be ErrNil.
func isErrNil(err error) string {
	if !errors.Is(err, future.ErrNil) {
		return fmt.Sprintf("%v, which is not ErrNil", err)
	}
	return err.Error()
}

func firstError(loop iter.Seq2[int, error]) string {
	for _, err := range loop {
		if err == nil {
			return "<nil>"
		}
		return isErrNil(err)
	}
	return "no result"
}
