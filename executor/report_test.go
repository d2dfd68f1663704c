package executor_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// The report must tell where the task is stuck, however it is run and whether it
// has a name.
func TestStallReport(t *testing.T) {
	for _, test := range []struct {
		name  string
		start func(e *executor.Executor, opts ...executor.TaskOption) *executor.Handle[int]
	}{
		{"Go", func(e *executor.Executor, opts ...executor.TaskOption) *executor.Handle[int] {
			return executor.Go(e, func(context.Context) (int, error) { return stuckHere() }, opts...)
		}},
		{"Go, resumed", func(e *executor.Executor, opts ...executor.TaskOption) *executor.Handle[int] {
			return executor.Go(e, func(ctx context.Context) (int, error) {
				_ = executor.Yield(ctx)
				return stuckHere()
			}, opts...)
		}},
		{"Spawn", func(e *executor.Executor, opts ...executor.TaskOption) *executor.Handle[int] {
			return executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
				v, err := stuckHere()
				return v, true, err
			}), opts...)
		}},
		{"Spawn in Run in Go", func(e *executor.Executor, opts ...executor.TaskOption) *executor.Handle[int] {
			return executor.Go(e, func(ctx context.Context) (int, error) {
				return executor.Run(ctx, func(ctx context.Context) (int, error) {
					return future.Await(ctx, executor.Spawn(executor.FromContext(ctx), future.Func(func(*future.Waker) (int, bool, error) {
						v, err := stuckHere()
						return v, true, err
					})))
				})
			}, opts...)
		}},
		{"OnTaskEnd", func(e *executor.Executor, opts ...executor.TaskOption) *executor.Handle[int] {
			opts = append(opts, executor.OnTaskEnd(func(error) { _, _ = stuckHere() }))
			return executor.Go(e, func(context.Context) (int, error) { return 1, nil }, opts...)
		}},
	} {
		for i, name := range []string{"", "named", "", "named"} {
			others := i / 2 * 1000 // tasks that wait, and with them goroutines
			if others > 0 && test.name == "OnTaskEnd" {
				continue // the profile does not show the labels of a task that has ended
			}
			t.Run(fmt.Sprintf("%s %s %d", test.name, name, others), func(t *testing.T) {
				// Time is the bubble's: it does not go on before the task sleeps.
				synctest.Test(t, func(t *testing.T) {
					e, log := logged(executor.WithWorkers(2), executor.WithName("reporting"))
					for range others {
						executor.Go(e, func(ctx context.Context) (int, error) {
							return future.Await(ctx, future.Never[int]())
						}, executor.TaskName(name))
					}
					h := test.start(e, executor.TaskName(name))
					if _, err := future.Await(t.Context(), h); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Hour)
					_ = e.Close()
					s := log.String()
					for _, want := range []string{
						"level=WARN", "executor=reporting", "task=" + name, "id=", "at=report_test.go:", "in=executor_test.stuckHere", "for=1s", "do=",
					} {
						if !strings.Contains(s, want) {
							t.Errorf("got the report %s, want it to have %q", s, want)
						}
					}
					if n := strings.Count(s, "level="); n != 1 || strings.Contains(s, "stack=") {
						t.Errorf("got %d records, want one, without a stack: %s", n, s)
					}
				})
			})
		}
	}
}

func stuckHere() (int, error) {
	time.Sleep(time.Minute)
	return 1, nil
}

// A handler of the log that calls Goexit ends neither the reports nor Close.
func TestStallReportExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reports := 0
		log := slog.New(slog.NewTextHandler(writerFunc(func([]byte) (int, error) {
			reports++
			runtime.Goexit()
			return 0, nil
		}), nil))
		e := executor.New(executor.WithWorkers(1), executor.WithLogger(log))
		for range 3 {
			h := executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 0, nil })
			if _, err := future.Await(t.Context(), h); err != nil {
				t.Error(err)
			}
		}
		_ = e.Close()
		if reports != 3 {
			t.Errorf("%d reports of 3 stalls", reports)
		}
	})
}

// A handler that does not return stops neither rescue nor, for more than a second, Close.
// It keeps one goroutine.
func TestHandlerThatDoesNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &blockedHandler{release: make(chan bool)}
		e := executor.New(executor.WithWorkers(1), executor.WithLogger(slog.New(log)))
		const rounds, stuck = 10, 30
		for range rounds {
			for range stuck {
				executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Minute); return 0, nil })
			}
			began := time.Now()
			if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 100*time.Millisecond {
				t.Errorf("a task waited %v, want at most 100 ms", took)
			}
			time.Sleep(2 * time.Minute)
		}
		if s := e.Stats(); s.Stalls != rounds*stuck || s.Workers != 1 || log.begun.Load() != 1 {
			t.Errorf("got %d stalls, %d workers and %d records begun, want %d, 1 and 1", s.Stalls, s.Workers, log.begun.Load(), rounds*stuck)
		}
		began := time.Now()
		_ = e.Close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("Close took %v, want at most 1 s", took)
		}
		close(log.release)
	})
}

// A blockedHandler returns from no record until it is released. Unlike those of slog it
// holds no mutex meanwhile, which would not be durably blocking.
type blockedHandler struct {
	release chan bool
	begun   atomic.Int32
}

func (*blockedHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *blockedHandler) Handle(context.Context, slog.Record) error {
	h.begun.Add(1)
	<-h.release
	return nil
}

func (h *blockedHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *blockedHandler) WithGroup(string) slog.Handler      { return h }

// A logger that takes seconds for a record delays no look.
func TestSlowLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			time.Sleep(3 * time.Second)
			return len(p), nil
		}), nil))
		e := executor.New(executor.WithWorkers(1), executor.WithLogger(log), executor.WithStallThreshold(20*time.Millisecond))
		for i := range 50 {
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Second); return 0, nil }, executor.TaskName(fmt.Sprint(i)))
			began := time.Now()
			if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 20*time.Millisecond {
				t.Errorf("task %d waited %v, want at most 20 ms", i, took)
			}
			time.Sleep(100 * time.Millisecond)
		}
		_ = e.Close()
		time.Sleep(time.Minute) // until the last record is written, for which Close does not wait
	})
}

// Stalls at one place, at many depths of the same function, or at many places, make a log
// with a bound.
func TestReportsAreLimited(t *testing.T) {
	var deep func(depth int)
	deep = func(depth int) {
		if depth > 0 {
			deep(depth - 1)
			return
		}
		time.Sleep(time.Hour)
	}
	for _, tc := range []struct {
		name                    string
		stalls, depths, waiting int
		limit                   int
	}{
		{"one", 1, 1, 0, 600},
		{"one place", 1000, 1, 0, 4 << 10},
		{"few at many depths", 200, 30, 0, 4 << 10},
		{"many depths and goroutines", 200, 30, 500, 32 << 10},
		{"more than are kept", 2000, 1, 0, 4 << 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, log := logged(executor.WithWorkers(2))
				stop := make(chan bool)
				for range tc.waiting {
					go func() { <-stop }()
				}
				for i := range tc.stalls {
					executor.Go(e, func(context.Context) (int, error) { deep(i % tc.depths); return 0, nil })
				}
				time.Sleep(2 * time.Hour)
				_ = e.Close()
				close(stop)
				s := log.String()
				if len(s) > tc.limit {
					t.Errorf("got %d bytes of log, want at most %d: %.1000s…", len(s), tc.limit, s)
				}
				if n := e.Stats().Stalls; n != uint64(tc.stalls) || toldStalls(s) != tc.stalls {
					t.Errorf("%d stalls are counted and %d are in the log, want %d: %s", n, toldStalls(s), tc.stalls, s)
				}
			})
		})
	}
}

// toldStalls returns how many stalls a log tells of, with those that were left out.
func toldStalls(log string) (n int) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "msg=\"task ke") {
			n++
		}
		if _, left, ok := strings.Cut(line, "left_out="); ok {
			var more int
			_, _ = fmt.Sscan(left, &more)
			n += more
		}
	}
	return n
}

// One stall of a place is reported in ten seconds. How many were left out is said then.
func TestOneReportPerPlaceAndInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1))
		here := func(context.Context) (int, error) { time.Sleep(2500 * time.Millisecond); return 1, nil }
		there := func(context.Context) (int, error) { time.Sleep(2500 * time.Millisecond); return 1, nil }
		for range 2 {
			for range 4 { // each has stalled for a second when the next places are looked up
				// By their names they are found in a profile, if other tests have left many goroutines.
				executor.Go(e, here, executor.TaskName("here"))
				executor.Go(e, there, executor.TaskName("there"))
				time.Sleep(2500 * time.Millisecond)
			}
			time.Sleep(11 * time.Second)
			var got []string
			for line := range strings.Lines(log.String()) {
				_, msg, _ := strings.Cut(line, "msg=")
				msg, _, _ = strings.Cut(msg, " executor=")
				_, left, _ := strings.Cut(line, "left_out=")
				got = append(got, msg+strings.TrimSpace(left))
			}
			task, more := `"task keeps its worker"`, `"more tasks have kept their workers"3`
			want := []string{task, task, more, more}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got %q, want %q: %s", got, want, log.String())
			}
			log.reset()
		}
		_ = e.Close()
	})
}

// A task that has gone on when places are looked up has no place in its report, which
// would be another task's.
func TestTaskThatHasGoneOnIsSaidTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1))
		sleep := func(name string, d time.Duration) {
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(d); return 0, nil }, executor.TaskName(name))
		}
		sleep("first", 1100*time.Millisecond) // places are looked up for this one, and not for a second then
		sleep("gone", 1200*time.Millisecond)  // has stalled, and is over by then
		time.Sleep(1210 * time.Millisecond)
		sleep("innocent", time.Hour)
		time.Sleep(time.Minute)
		var got []string
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "task=gone") {
				got = append(got, line)
			}
		}
		if len(got) != 1 || !strings.Contains(got[0], "has gone on") || strings.Contains(got[0], " at=") {
			t.Errorf("got the reports %q of a task that has gone on, want one that says so and has no place; the log: %s", got, log.String())
		}
		time.Sleep(time.Hour)
		_ = e.Close()
	})
}

// A logger at debug level gets the stack, of the stalled task only.
func TestStackIsForDebug(t *testing.T) {
	for _, others := range []int{10, 1000} {
		synctest.Test(t, func(t *testing.T) {
			b := new(logBuffer)
			log := slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
			e := executor.New(executor.WithWorkers(2), executor.WithLogger(log))
			for range others {
				executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
			}
			if _, err := future.Await(t.Context(), executor.Go(e, func(context.Context) (int, error) { return stuckHere() })); err != nil {
				t.Error(err)
			}
			_ = e.Close()
			s := b.String()
			if !strings.Contains(s, "stack=") || !strings.Contains(s, "executor_test.stuckHere") || strings.Contains(s, "future.Await") {
				t.Errorf("beside %d tasks that wait: got %s, want the stack of the stalled task and no other", others, s)
			}
		})
	}
}

// Nothing is collected if the logger takes no warnings: the world is not stopped.
func TestNothingIsLookedUpIfNotLogged(t *testing.T) {
	for _, level := range []slog.Level{slog.LevelWarn, slog.LevelError} {
		synctest.Test(t, func(t *testing.T) {
			b := new(logBuffer)
			log := slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: level}))
			e := executor.New(executor.WithWorkers(2), executor.WithLogger(log))
			before := stops()
			for range 100 {
				executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Minute); return 0, nil })
			}
			time.Sleep(time.Hour)
			_ = e.Close()
			if got, want := stops() > before, level == slog.LevelWarn; got != want || e.Stats().Stalls != 100 {
				t.Errorf("level %v: the world was stopped: %v, want %v; %d stalls, want 100", level, got, want, e.Stats().Stalls)
			}
		})
	}
}

// stops returns how often the world was stopped, other than by the collector.
func stops() (n uint64) {
	s := []metrics.Sample{{Name: "/sched/pauses/total/other:seconds"}}
	metrics.Read(s)
	for _, c := range s[0].Value.Float64Histogram().Counts {
		n += c
	}
	return n
}

// The time for which a look is late is not the task's: the processors were busy with
// something else.
func TestLateLooksAreExcused(t *testing.T) {
	const interval = 10 * time.Millisecond
	now := time.Now()
	var r executor.Record
	for i, tc := range []struct {
		ticks uint64
		pass  time.Duration
		late  time.Duration
		want  time.Duration
	}{
		{1, interval, 0, 0},
		{1, interval, 0, interval},
		{1, time.Hour, time.Hour - interval, 2 * interval},
		{1, interval, 0, 3 * interval},
		{2, time.Hour, time.Hour, 0},
		{2, interval, 0, interval},
	} {
		now = now.Add(tc.pass)
		if got := r.Note(tc.ticks, now, tc.late); got != tc.want {
			t.Errorf("look %d: the task has kept its worker for %v, want %v", i, got, tc.want)
		}
	}
}

// Nothing of the watch may be left after Close, not even a report on its way.
func TestCloseWaitsForReport(t *testing.T) {
	var closed atomic.Bool
	reporting, release := make(chan struct{}), make(chan struct{})
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		close(reporting)
		<-release
		for range 1000 {
			runtime.Gosched()
		}
		if closed.Load() {
			t.Error("Close returned before the report was written")
		}
		return len(p), nil
	}), nil))
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(time.Millisecond), executor.WithLogger(log))
	executor.Go(e, func(context.Context) (int, error) { <-reporting; return 0, nil })
	<-reporting
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = e.Close()
		closed.Store(true)
	}()
	close(release)
	<-done
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
