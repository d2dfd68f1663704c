package executor_test

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/oneshot"
)

// The counts of what a Runnable has done.
type counts struct{ schedules, polls, cancels, wakes int }

// The life of a Runnable, step by step: how often it was scheduled, polled and
// cancelled, and how often its handle's waker was woken.
func TestRunnableLife(t *testing.T) {
	type state struct {
		r *executor.Runnable
		h *executor.Handle[int]
		f *futuretest.Probe[int]
		w *future.Waker // the task's
	}
	type step struct {
		do   string
		want counts
	}
	steps := map[string]func(s *state){
		"schedule": func(s *state) { s.r.Schedule() },
		"run":      func(s *state) { s.r.Run(); s.w = cmp.Or(s.w, s.f.Waker()) },
		"wake":     func(s *state) { s.w.Wake() },
		"resolve":  func(s *state) { s.f.Resolve(7) },
		"cancel":   func(s *state) { s.h.CancelCause(errCause) },
		"give up":  func(s *state) { s.h.Cancel() },
	}
	tests := []struct {
		name, reason string
		steps        []step
		v            int
		err          error
	}{
		{"ready", "one wake, one more poll", []step{
			{"schedule", counts{schedules: 1}},
			{"run", counts{schedules: 1, polls: 1}},
			{"resolve", counts{schedules: 2, polls: 1}},
			{"run", counts{schedules: 2, polls: 2, wakes: 1}},
		}, 7, nil},
		{"wakes coalesce", "a task is scheduled once for many wakes before a run", []step{
			{"schedule", counts{schedules: 1}},
			{"run", counts{schedules: 1, polls: 1}},
			{"wake", counts{schedules: 2, polls: 1}},
			{"wake", counts{schedules: 2, polls: 1}},
			{"resolve", counts{schedules: 2, polls: 1}},
			{"run", counts{schedules: 2, polls: 2, wakes: 1}},
		}, 7, nil},
		{"spurious wake", "is a poll for nothing", []step{
			{"schedule", counts{schedules: 1}},
			{"run", counts{schedules: 1, polls: 1}},
			{"wake", counts{schedules: 2, polls: 1}},
			{"run", counts{schedules: 2, polls: 2}},
			{"resolve", counts{schedules: 3, polls: 2}},
			{"run", counts{schedules: 3, polls: 3, wakes: 1}},
			{"wake", counts{schedules: 3, polls: 3, wakes: 1}},
		}, 7, nil},
		{"run without schedule", "the first time, that is the same", []step{
			{"run", counts{polls: 1}},
			{"resolve", counts{schedules: 1, polls: 1}},
			{"run", counts{schedules: 1, polls: 2, wakes: 1}},
		}, 7, nil},
		{"cancelled while waiting", "it runs once more, to end: the poll finds no result", []step{
			{"schedule", counts{schedules: 1}},
			{"run", counts{schedules: 1, polls: 1}},
			{"cancel", counts{schedules: 2, polls: 1}},
			{"cancel", counts{schedules: 2, polls: 1}},
			{"run", counts{schedules: 2, polls: 2, cancels: 1, wakes: 1}},
			{"cancel", counts{schedules: 2, polls: 2, cancels: 1, wakes: 1}},
		}, 0, errCause},
		{"cancelled with a result", "the future decides whether that is lost: a Probe lets it go", []step{
			{"schedule", counts{schedules: 1}},
			{"run", counts{schedules: 1, polls: 1}},
			{"resolve", counts{schedules: 2, polls: 1}},
			{"cancel", counts{schedules: 2, polls: 1}},
			{"run", counts{schedules: 2, polls: 2, cancels: 1, wakes: 1}},
		}, 0, errCause},
		{"given up", "whoever polls the handle is told at once, and not of the end", []step{
			{"schedule", counts{schedules: 1}},
			{"run", counts{schedules: 1, polls: 1}},
			{"give up", counts{schedules: 2, polls: 1, wakes: 1}},
			{"run", counts{schedules: 2, polls: 2, cancels: 1, wakes: 1}},
		}, 0, future.ErrCanceled},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			schedules := 0
			s := &state{f: futuretest.NewProbe[int]()}
			s.r, s.h = executor.NewRunnable(future.Future[int](s.f), func(r *executor.Runnable) {
				if r != s.r {
					t.Error("schedule of another Runnable")
				}
				schedules++
			}, executor.TaskName("counted"))
			handle := futuretest.NewCounter()
			_, _, _ = s.h.Poll(handle.Waker())
			for i, st := range tc.steps {
				steps[st.do](s)
				if c := (counts{schedules, s.f.Polls(), s.f.Cancels(), handle.Wakes()}); c != st.want {
					t.Fatalf("%s: step %d, %s: %+v, want %+v", tc.reason, i, st.do, c, st.want)
				}
			}
			if v, ready, err := s.h.Poll(nil); v != tc.v || !ready || !errors.Is(err, tc.err) || !s.h.Done() {
				t.Errorf("%s: %d, %v, %v", tc.reason, v, ready, err)
			}
			if s.r.Name() != "counted" {
				t.Errorf("its name is %q", s.r.Name())
			}
		})
	}
}

// What has come before a cancellation took effect is the task's result: a value, a
// failure, and that there will be none.
func TestCanceledTooLate(t *testing.T) {
	doom := errors.New("doom")
	tests := []struct {
		name, reason string
		resolve      func(tx *oneshot.Sender[int]) error
		v            int
		err          error
	}{
		{"value", "it would be lost", func(tx *oneshot.Sender[int]) error { return tx.Send(7) }, 7, nil},
		{"failure", "it says more than the cause", func(tx *oneshot.Sender[int]) error { return tx.Fail(doom) }, 0, doom},
		{"disconnected", "so does this", (*oneshot.Sender[int]).Close, 0, oneshot.ErrDisconnected},
		{"nothing", "there is only the cause", func(*oneshot.Sender[int]) error { return nil }, 0, errCause},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			var l loop
			r, h := executor.NewRunnable(rx, l.schedule)
			r.Schedule()
			l.run()
			if err := tc.resolve(tx); err != nil {
				t.Error(err)
			}
			h.CancelCause(errCause)
			l.run()
			if v, ready, err := h.Poll(nil); v != tc.v || !ready || err != tc.err {
				t.Errorf("%s: %d, %v, %v", tc.reason, v, ready, err)
			}
		})
	}
}

// A loop is the simplest executor: somebody calls run until nothing is ready.
type loop struct {
	mu    sync.Mutex
	ready []*executor.Runnable
}

func (l *loop) schedule(r *executor.Runnable) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = append(l.ready, r)
}

func (l *loop) run() {
	for {
		l.mu.Lock()
		if len(l.ready) == 0 {
			l.mu.Unlock()
			return
		}
		r := l.ready[0]
		l.ready = l.ready[1:]
		l.mu.Unlock()
		r.Run()
	}
}

// Code on an executor of one's own does what it does on ours: it awaits, yields,
// awaits its siblings, panics, exits, and is cancelled.
func TestRunnableFunc(t *testing.T) {
	l := new(loop)
	var order []string
	start := func(name string, fn func(ctx context.Context) (int, error)) *executor.Handle[int] {
		r, h := executor.NewRunnableFunc(t.Context(), fn, l.schedule, executor.TaskName(name))
		r.Schedule()
		return h
	}
	tx, rx := oneshot.New[int]()
	waits := start("waits", func(ctx context.Context) (int, error) {
		v, err := future.Await(ctx, rx)
		order = append(order, "waited")
		return v, err
	})
	yields := start("yields", func(ctx context.Context) (int, error) {
		for range 2 {
			order = append(order, "yield")
			if err := executor.Yield(ctx); err != nil {
				return 0, err
			}
		}
		return future.Await(ctx, waits)
	})
	sends := start("sends", func(ctx context.Context) (int, error) {
		order = append(order, "send")
		return 0, tx.Send(7)
	})
	panics := start("panics", func(ctx context.Context) (int, error) { panic("boo") })
	exits := start("exits", func(ctx context.Context) (int, error) { runtime.Goexit(); return 0, nil })
	never := start("never", func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
	l.run()
	never.CancelCause(errCause)
	l.run()
	if want := []string{"yield", "send", "yield", "waited"}; !slices.Equal(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
	for _, tc := range []struct {
		h    *executor.Handle[int]
		v    int
		want func(err error) bool
	}{
		{yields, 7, func(err error) bool { return err == nil }},
		{sends, 0, func(err error) bool { return err == nil }},
		{panics, 0, func(err error) bool { _, ok := err.(*future.PanicError); return ok }},
		{exits, 0, func(err error) bool { return err == future.ErrGoexit }},
		{never, 0, func(err error) bool { return err == errCause }},
	} {
		if v, ready, err := tc.h.Poll(nil); v != tc.v || !ready || !tc.want(err) {
			t.Errorf("%d, %v, %v", v, ready, err)
		}
	}
}

// An executor of several goroutines, with tasks that move between them.
func TestRunnableOnGoroutines(t *testing.T) {
	const tasks = 100
	queue := make(chan *executor.Runnable, tasks)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for r := range queue {
				r.Run()
			}
		})
	}
	schedule := func(r *executor.Runnable) { queue <- r }
	var hs []future.Future[int]
	for i := range tasks {
		r, h := executor.NewRunnableFunc(t.Context(), func(ctx context.Context) (int, error) {
			for range 10 {
				if _, err := future.Await(ctx, future.Go(func() (int, error) { return 0, nil })); err != nil {
					return 0, err
				}
				if err := executor.Yield(ctx); err != nil {
					return 0, err
				}
			}
			return i, nil
		}, schedule)
		r.Schedule()
		hs = append(hs, h)
	}
	vs, err := future.Await(t.Context(), future.All(hs...))
	close(queue)
	workers.Wait()
	if err != nil || len(vs) != tasks || vs[tasks-1] != tasks-1 {
		t.Errorf("%v, %v", vs, err)
	}
}

// A future that exits takes along the goroutine that has run it, and the task has
// ended with that.
func TestRunnableGoexit(t *testing.T) {
	r, h := executor.NewRunnable(future.Func(func(*future.Waker) (int, bool, error) {
		runtime.Goexit()
		return 0, true, nil
	}), func(*executor.Runnable) {})
	returned := false
	var wg sync.WaitGroup
	wg.Go(func() {
		r.Run()
		returned = true
	})
	wg.Wait()
	if _, ready, err := h.Poll(nil); returned || !ready || err != future.ErrGoexit {
		t.Errorf("Run returned: %v; ready: %v, %v", returned, ready, err)
	}
}

// A task of a nil future ends with an error, on every kind of executor.
func TestNilFutureIsAnError(t *testing.T) {
	never := func(*executor.Runnable) {}
	r, h := executor.NewRunnable[int](nil, never)
	r.Run()
	if _, _, err := h.Poll(nil); err != future.ErrNil {
		t.Errorf("a nil future gives %v", err)
	}
	err := inTask(t, func(ctx context.Context) error {
		_, err := future.Await(ctx, executor.Spawn[int](executor.FromContext(ctx), nil))
		err2 := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.SpawnIn[int](g, nil)
			return nil
		})
		return errors.Join(err, err2)
	})
	if want := errors.Join(future.ErrNil, future.ErrNil).Error(); err == nil || err.Error() != want {
		t.Errorf("a nil future gives %v, want %v", err, want)
	}
}
