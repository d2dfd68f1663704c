package future_test

import (
	"context"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
)

func later(d time.Duration, v int) future.Future[int] {
	return future.Map(future.After(d), func(struct{}) (int, error) { return v, nil })
}

func TestCompleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []int
		for i, r := range future.Completed(t.Context(),
			later(3*time.Second, 30), later(time.Second, 10), future.Failed[int](errTest), later(2*time.Second, 20)) {
			order = append(order, i)
			if i == 2 && r.Err != errTest || i != 2 && (r.Err != nil || r.Value != []int{30, 10, 0, 20}[i]) {
				t.Errorf("%d: %v", i, r)
			}
		}
		if !slices.Equal(order, []int{2, 1, 3, 0}) {
			t.Errorf("order %v", order)
		}
	})
}

func TestCompletedLeft(t *testing.T) {
	ps := newProbes(3)
	ps[1].Resolve(1)
	for i := range future.Completed(background, ps.futures()...) {
		if i != 1 {
			t.Errorf("got %d", i)
		}
		break
	}
	for i, want := range []int{1, 0, 1} {
		if ps[i].Cancels() != want {
			t.Errorf("probe %d was cancelled %d times, want %d", i, ps[i].Cancels(), want)
		}
	}
}

func TestCompletedContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(background)
	defer cancel(nil)
	ps := newProbes(3)
	ps[2].Resolve(2)
	var got []future.Result[int]
	for i, r := range future.Completed(ctx, ps.futures()...) {
		cancel(errTest)
		if len(got) > 0 && i != len(got)-1 {
			t.Errorf("index %d", i)
		}
		got = append(got, r)
	}
	want := []future.Result[int]{{Value: 2}, {Err: errTest}, {Err: errTest}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if ps[0].Cancels() != 1 || ps[1].Cancels() != 1 || ps[2].Cancels() != 0 {
		t.Error("not all that was left was cancelled once")
	}
}

// Who leaves the loop is not called again, and the rest is cancelled, once.
func TestCompletedBreakAfterContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(background)
	cancel(errTest)
	ps := newProbes(3)
	for i, r := range future.Completed(ctx, ps.futures()...) {
		if i != 0 || r.Err != errTest {
			t.Errorf("got %d, %v", i, r)
		}
		break
	}
	for i, p := range ps {
		if p.Cancels() != 1 {
			t.Errorf("probe %d was cancelled %d times", i, p.Cancels())
		}
	}
}

func TestCompletedPanic(t *testing.T) {
	ps := newProbes(2)
	ps[1].Panic("no")
	defer func() {
		if r := recover(); r != "no" || ps[0].Cancels() != 1 || ps[1].Cancels() != 1 {
			t.Errorf("panicked with %v; cancelled %d and %d times", r, ps[0].Cancels(), ps[1].Cancels())
		}
	}()
	for range future.Completed(background, ps.futures()...) {
		t.Error("yields")
	}
}

// observed counts how many futures of a sequence are running.
type observed struct {
	running, most, taken int
}

func (o *observed) seq(n int, delay func(i int) time.Duration) iter.Seq[future.Future[int]] {
	return func(yield func(future.Future[int]) bool) {
		for i := range n {
			o.taken++
			o.running++
			o.most = max(o.most, o.running)
			if !yield(future.Finally(later(delay(i), i), func() { o.running-- })) {
				return
			}
		}
	}
}

func TestBuffered(t *testing.T) {
	tests := []struct {
		n, most int
		takes   time.Duration
		reason  string
	}{
		{3, 3, 9 * time.Second, "6, 5 and 4 seconds, and when the first is through, 3, 2 and 1"},
		{1, 1, 21 * time.Second, "one after the other"},
		{0, 1, 21 * time.Second, "less than one is one"},
		{-5, 1, 21 * time.Second, "less than one is one"},
		{100, 6, 6 * time.Second, "all at once"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			var o observed
			start := time.Now()
			var got []int
			seq := o.seq(6, func(i int) time.Duration { return time.Duration(6-i) * time.Second })
			for v, err := range future.Buffered(t.Context(), seq, test.n) {
				if err != nil {
					t.Error(err)
				}
				got = append(got, v)
			}
			if !slices.Equal(got, []int{0, 1, 2, 3, 4, 5}) {
				t.Errorf("n=%d: got %v, want the order of the sequence", test.n, got)
			}
			if o.most != test.most || o.running != 0 {
				t.Errorf("n=%d: up to %d ran at a time, want %d; %d still run", test.n, o.most, test.most, o.running)
			}
			if d := time.Since(start); d != test.takes {
				t.Errorf("n=%d: took %v, want %v: %s", test.n, d, test.takes, test.reason)
			}
		})
	}
}

func TestBufferedLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o observed
		seq := o.seq(100, func(i int) time.Duration { return time.Second })
		for range future.Buffered(t.Context(), seq, 4) {
			break
		}
		if o.running != 0 || o.taken > 4 {
			t.Errorf("%d still run, %d were taken", o.running, o.taken)
		}
	})
}

func TestBufferedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2500*time.Millisecond, errTest)
		defer cancel()
		var o observed
		var errs []error
		seq := o.seq(100, func(i int) time.Duration { return time.Second })
		for v, err := range future.Buffered(ctx, seq, 2) {
			if err == nil && v != len(errs) {
				t.Errorf("got %d", v)
			}
			errs = append(errs, err)
		}
		if !slices.Equal(errs, []error{nil, nil, nil, nil, errTest}) || o.running != 0 {
			t.Errorf("errors %v, %d still run", errs, o.running)
		}

		// A context that has ended takes nothing that is endless with it.
		var ps probes
		endless := func(yield func(future.Future[int]) bool) {
			for more := true; more; {
				ps = append(ps, newProbes(1)...)
				more = yield(ps[len(ps)-1])
			}
		}
		for _, err := range future.Buffered(ctx, endless, 2) {
			if err != errTest {
				t.Errorf("got %v", err)
			}
		}
		if len(ps) != 1 || ps[0].Cancels() != 1 {
			t.Errorf("took %d, and cancelled the first %d times", len(ps), ps[0].Cancels())
		}
	})
}

func TestBufferedPanic(t *testing.T) {
	ps := newProbes(3)
	ps[1].Panic("no")
	defer func() {
		if r := recover(); r != "no" || ps[0].Cancels() != 1 || ps[1].Cancels() != 1 || ps[2].Polls() != 0 {
			t.Errorf("panicked with %v; cancelled %d and %d times", r, ps[0].Cancels(), ps[1].Cancels())
		}
	}()
	for range future.Buffered(background, slices.Values(ps.futures()), 3) {
		t.Error("yields")
	}
}

// Children of a window are polled when they are woken and not otherwise.
func TestBufferedPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps := newProbes(3)
		got := make(chan int)
		go func() {
			defer close(got)
			for v := range future.Buffered(t.Context(), slices.Values(ps.futures()), 3) {
				got <- v
			}
		}()
		synctest.Wait()
		ps[2].Resolve(2)
		synctest.Wait()
		ps[1].Wake()
		synctest.Wait()
		for i, want := range []int{1, 2, 2} {
			if ps[i].Polls() != want {
				t.Errorf("probe %d was polled %d times, want %d", i, ps[i].Polls(), want)
			}
		}
		ps[0].Resolve(0)
		ps[1].Resolve(1)
		for want := range 3 {
			if v := <-got; v != want {
				t.Errorf("got %d, want %d", v, want)
			}
		}
		<-got
	})
}

// A streaming is a loop over the results of futures: the values in their order, and the
// error at its end, or nil.
type streaming func(ctx context.Context, fs []future.Future[int], each func(n int)) (values []int, last error)

func seqLoop(loop func(ctx context.Context, seq iter.Seq[future.Future[int]]) iter.Seq2[int, error]) streaming {
	return func(ctx context.Context, fs []future.Future[int], each func(int)) (values []int, last error) {
		for v, err := range loop(ctx, slices.Values(fs)) {
			if last != nil {
				panic("a result after the cause")
			}
			if err != nil {
				last = err
				continue
			}
			values = append(values, v)
			each(v)
		}
		return values, last
	}
}

// streams are the loops that one rule holds for: when the context ends, the results
// that are there come, and then the cause.
var streams = map[string]streaming{
	"Buffered 1": seqLoop(func(ctx context.Context, seq iter.Seq[future.Future[int]]) iter.Seq2[int, error] {
		return future.Buffered(ctx, seq, 1)
	}),
	"Buffered 2": seqLoop(func(ctx context.Context, seq iter.Seq[future.Future[int]]) iter.Seq2[int, error] {
		return future.Buffered(ctx, seq, 2)
	}),
	"Buffered 9": seqLoop(func(ctx context.Context, seq iter.Seq[future.Future[int]]) iter.Seq2[int, error] {
		return future.Buffered(ctx, seq, 9)
	}),
	"BufferedUnordered 1": seqLoop(func(ctx context.Context, seq iter.Seq[future.Future[int]]) iter.Seq2[int, error] {
		return future.BufferedUnordered(ctx, seq, 1)
	}),
	"BufferedUnordered 9": seqLoop(func(ctx context.Context, seq iter.Seq[future.Future[int]]) iter.Seq2[int, error] {
		return future.BufferedUnordered(ctx, seq, 9)
	}),
	"Completed": func(ctx context.Context, fs []future.Future[int], each func(int)) (values []int, last error) {
		for _, r := range future.Completed(ctx, fs...) {
			if r.Err != nil {
				last = r.Err
				continue
			}
			values = append(values, r.Value)
			each(r.Value)
		}
		return values, last
	},
}

// A lastMinute gets its result while it is canceled.
type lastMinute struct {
	parcel[int]
	value int
}

func (l *lastMinute) Cancel() {
	l.send(l.value, nil)
	l.parcel.Cancel()
}

func TestResultsThatAreThereComeBeforeTheCause(t *testing.T) {
	// In a bubble a timer fires when the loop waits, and not before.
	synctest.Test(t, testResultsBeforeTheCause)
}

func testResultsBeforeTheCause(t *testing.T) {
	sent := func(n int) future.Future[int] {
		p := new(parcel[int])
		p.send(n, nil)
		return p
	}
	for name, stream := range streams {
		ordered := name[:len("Buffered ")] == "Buffered "

		// All are there, and the context ends after the first.
		ctx, cancel := context.WithCancelCause(background)
		values, last := stream(ctx, []future.Future[int]{sent(0), sent(1), sent(2), sent(3)}, func(int) { cancel(errTest) })
		if slices.Sort(values); !slices.Equal(values, []int{0, 1, 2, 3}) {
			t.Errorf("%s: got %v, want all four that are there", name, values)
		}
		if name != "Completed" && last != errTest {
			t.Errorf("%s: ends with %v, want the cause", name, last)
		}

		// Of those that run others come while they are canceled, or not at all. Of
		// those that do not, all come up to the first that is not there.
		ctx, cancel = context.WithCancelCause(background)
		p, q := new(parcel[int]), new(parcel[int])
		end := future.Func(func(*future.Waker) (int, bool, error) {
			cancel(errTest)
			return 0, false, nil
		})
		fs := []future.Future[int]{p, sent(2), &lastMinute{value: 3}, future.Never[int](), q, sent(6), end}
		want := []int{2, 3, 6}
		if name[len(name)-1] < '9' && name != "Completed" { // p holds up the others
			time.AfterFunc(time.Millisecond, func() { cancel(errTest) })
			want = []int{2, 3}
		}
		values, last = stream(ctx, fs, func(int) {})
		got := slices.Sorted(slices.Values(values))
		if !slices.Equal(got, want) || ordered && !slices.Equal(values, want) {
			t.Errorf("%s: got %v, want %v", name, values, want)
		}
		if last != errTest {
			t.Errorf("%s: ends with %v, want the cause", name, last)
		}
		if p.cancels == 0 || q.polled > 0 && q.cancels == 0 {
			t.Errorf("%s: what was running is not canceled", name)
		}

		// The context has ended before the loop.
		values, last = stream(ended(), []future.Future[int]{sent(0), sent(1), new(parcel[int])}, func(int) {})
		if slices.Sort(values); !slices.Equal(values, []int{0, 1}) || last != errTest {
			t.Errorf("%s of an ended context: got %v and %v, want 0, 1 and the cause", name, values, last)
		}

		// Nothing is left when it ends: there is no cause to tell.
		ctx, cancel = context.WithCancelCause(background)
		values, last = stream(ctx, []future.Future[int]{sent(0)}, func(int) { cancel(errTest) })
		if !slices.Equal(values, []int{0}) || last != nil {
			t.Errorf("%s that is through: got %v and %v, want 0 and no error", name, values, last)
		}
	}
}

// A sequence without an end whose futures are all ready does not keep a loop from
// ending with its context.
func TestStreamOfReadyFuturesEnds(t *testing.T) {
	for name, loop := range map[string]func(context.Context, iter.Seq[future.Future[int]], int) iter.Seq2[int, error]{
		"Buffered": future.Buffered[int], "BufferedUnordered": future.BufferedUnordered[int],
	} {
		endless := func(yield func(future.Future[int]) bool) {
			for n := 0; yield(future.Ready(n)); n++ {
			}
		}
		results := 0
		var last error
		for _, err := range loop(ended(), endless, 3) {
			results++
			last = err
		}
		if results > 5000 || last != errTest {
			t.Errorf("%s: %d results, and then %v, want a bounded number and the cause", name, results, last)
		}
	}
}

// A loop of BufferedUnordered has no more than n running, and is not held up by a slow
// one.
func TestBufferedUnordered(t *testing.T) {
	ps := newProbes(5)
	taken := 0
	seq := func(yield func(future.Future[int]) bool) {
		for _, p := range ps {
			taken++
			if !yield(p) {
				return
			}
		}
	}
	var got []int
	ps[1].Resolve(1)
	for v, err := range future.BufferedUnordered(background, seq, 2) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
		switch len(got) {
		case 1: // 1 was ready: 0 is the one that runs
			if taken > 2 || ps[0].Polls() != 1 {
				t.Errorf("%d taken and %d polls of the first, want 2 and 1", taken, ps[0].Polls())
			}
			ps[2].Resolve(2)
		case 2:
			ps[3].Fail(nil)
			ps[4].Resolve(4)
		case 3:
			ps[0].Resolve(0)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{0, 0, 1, 2, 4}) {
		t.Errorf("got %v", got)
	}

	// Leaving it cancels what runs, and takes no more.
	ps = newProbes(5)
	ps[1].Resolve(1)
	taken = 0
	for range future.BufferedUnordered(background, seq, 3) {
		break
	}
	if ps[0].Cancels() != 1 || taken > 2 {
		t.Errorf("%d cancels and %d taken after the loop was left, want 1 and 2", ps[0].Cancels(), taken)
	}
}

// The caller's slice is the caller's again once Completed has returned.
func TestCompletedCopiesItsArguments(t *testing.T) {
	fs := []future.Future[int]{future.Ready(1), future.Ready(2)}
	loop := future.Completed(background, fs...)
	fs[0], fs[1] = nil, nil
	n := 0
	for i, r := range loop {
		if r.Value != i+1 || r.Err != nil {
			t.Errorf("got %v for %d, want %d", r, i, i+1)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d results, want 2", n)
	}
}
