package executor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func inTask(t *testing.T, fn func(ctx context.Context) error) error {
	t.Helper()
	_, err := executor.Run(t.Context(), func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

func TestScopeWaitsForAll(t *testing.T) {
	ended := 0
	err := inTask(t, func(ctx context.Context) error {
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			for range 10 {
				executor.GoIn(g, func(ctx context.Context) (int, error) {
					err := executor.Yield(ctx)
					executor.SpawnIn(g, future.Ready(1))
					ended++
					return 0, err
				})
			}
			return nil
		})
		if ended != 10 {
			t.Errorf("%d of 10 tasks had ended when Scope returned", ended)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestScopeFirstErrorCancelsTheRest(t *testing.T) {
	boom := errors.New("boom")
	canceled := 0
	pending := func() *oneshot.Receiver[int] { _, rx := oneshot.New[int](); return rx }
	err := inTask(t, func(ctx context.Context) error {
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			rx := pending()
			h := executor.SpawnIn(g, future.Future[int](rx))
			for range 5 {
				executor.GoIn(g, func(ctx context.Context) (int, error) {
					v, err := future.Await(ctx, future.Future[int](pending()))
					if err == boom {
						canceled++
					}
					return v, err
				})
			}
			executor.GoIn(g, func(ctx context.Context) (int, error) { return 0, boom })
			_, err := future.Await(g.Context(), h)
			if err != boom {
				t.Errorf("fn's await: %v, want the failure", err)
			}
			return err
		})
	})
	if err != boom || canceled != 5 {
		t.Errorf("error %v, %d of 5 tasks saw the cause", err, canceled)
	}
}

// A panic comes out of the scope, wherever and whenever it happened, once all
// tasks have ended.
func TestScopePanics(t *testing.T) {
	waits := func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) }
	panics := func(context.Context) (int, error) { panic("boom") }
	tests := []struct {
		name, reason string
		fn           func(g *executor.TaskGroup) error
	}{
		{"task", "the first failure", func(g *executor.TaskGroup) error {
			executor.GoIn(g, panics)
			return nil
		}},
		{"fn", "it is as good as a task", func(*executor.TaskGroup) error { panic("boom") }},
		{"after a failure", "an error does not hide a panic", func(g *executor.TaskGroup) error {
			executor.GoIn(g, func(ctx context.Context) (int, error) {
				_, _ = waits(ctx)
				return panics(ctx)
			})
			_ = executor.Yield(g.Context())
			return errors.New("first")
		}},
		{"after a panic", "the first panic is the one that counts", func(g *executor.TaskGroup) error {
			executor.GoIn(g, func(ctx context.Context) (int, error) {
				_, _ = waits(ctx)
				panic("because of the other one")
			})
			_ = executor.Yield(g.Context())
			executor.GoIn(g, panics)
			return nil
		}},
		{"with the cause", "a task that was cancelled may end with the cause, but not panic with it", func(g *executor.TaskGroup) error {
			h := executor.GoIn(g, func(ctx context.Context) (int, error) {
				_, err := waits(ctx)
				panic(err)
			})
			_ = executor.Yield(g.Context())
			h.CancelCause(errors.New("boom"))
			_ = executor.Yield(g.Context())
			return nil
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			_ = inTask(t, func(ctx context.Context) error {
				others := 0
				defer func() {
					p, ok := recover().(*future.PanicError)
					if !ok || fmt.Sprint(p.Value) != "boom" {
						t.Errorf("%s: recovered %v", tc.reason, p)
					}
					if others != 1 {
						t.Errorf("%s: the other task had not ended", tc.reason)
					}
				}()
				return executor.Scope(ctx, func(g *executor.TaskGroup) error {
					executor.GoIn(g, func(ctx context.Context) (int, error) {
						v, err := waits(ctx)
						others++
						return v, err
					})
					return tc.fn(g)
				})
			})
		})
	}
}

// A scope whose task cannot even be refused without a panic, or whose end somebody's
// waker panics at, still ends.
func TestScopeEndsInspiteOfOthers(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), quiet)
	waiting := make(chan bool)
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		close(waiting)
		_, _ = future.Await(ctx, future.Never[int]())
		return 0, executor.Scope(context.WithoutCancel(ctx), func(g *executor.TaskGroup) error {
			executor.SpawnIn[int](g, cancelPanics{})
			return nil
		})
	})
	<-waiting
	_ = e.Close() // takes no task from now on
	var p *future.PanicError
	if _, _, err := h.Poll(nil); !errors.As(err, &p) || p.Value != "boom" {
		t.Errorf("in Cancel of what is refused: %v", err)
	}
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("in a waker: recovered %v", r)
			}
		}()
		_ = inTask(t, func(ctx context.Context) error {
			return executor.Scope(ctx, func(g *executor.TaskGroup) error {
				h := executor.GoIn(g, func(ctx context.Context) (int, error) { return 1, executor.Yield(ctx) })
				_, _, _ = h.Poll(future.NewWaker(func() { panic("boom") }))
				return nil
			})
		})
		t.Error("in a waker: Run returned")
	}()
}

// What a scope reports of how its tasks came to their ends.
func TestScopeReports(t *testing.T) {
	waits := func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) }
	first, second := errors.New("first"), errors.New("second")
	tests := []struct {
		name, reason string
		fn           func(e *executor.Executor, g *executor.TaskGroup) error
		want         error
		log          string
	}{
		{"Close", "nobody else tells that the work was not done", func(e *executor.Executor, g *executor.TaskGroup) error {
			executor.GoIn(g, func(ctx context.Context) (int, error) {
				go e.Close()
				return waits(ctx)
			})
			return nil
		}, executor.ErrClosed, ""},
		{"Shutdown", "as with Close, with its cause", func(e *executor.Executor, g *executor.TaskGroup) error {
			executor.SpawnIn(g, future.Never[int]())
			ended, cancel := context.WithCancelCause(t.Context())
			cancel(errCause)
			go func() { _ = e.Shutdown(ended) }()
			return nil
		}, errCause, ""},
		{"two errors", "the first is the cause of the rest", func(_ *executor.Executor, g *executor.TaskGroup) error {
			executor.GoIn(g, func(ctx context.Context) (int, error) { _, _ = waits(ctx); return 0, second })
			executor.GoIn(g, func(context.Context) (int, error) { return 0, first })
			return nil
		}, first, ""},
		{"two panics", "one surfaces, and the other is not lost", func(_ *executor.Executor, g *executor.TaskGroup) error {
			executor.GoIn(g, func(ctx context.Context) (int, error) { _, _ = waits(ctx); panic(second) }, executor.TaskName("late"))
			executor.GoIn(g, func(context.Context) (int, error) { panic(first) })
			return nil
		}, first, "task=late error.value=second"},
		{"a panic and a Goexit of fn", "an exit does not hide it", func(_ *executor.Executor, g *executor.TaskGroup) error {
			executor.GoIn(g, func(context.Context) (int, error) { panic(first) })
			runtime.Goexit()
			return nil
		}, first, ""},
		{"a panic and its consequences", "they are no panics of their own", func(_ *executor.Executor, g *executor.TaskGroup) error {
			executor.GoIn(g, waits)
			executor.GoIn(g, func(context.Context) (int, error) { panic(first) })
			return nil
		}, first, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			e, log := logged(executor.WithWorkers(1))
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				return 0, executor.Scope(ctx, func(g *executor.TaskGroup) error { return tc.fn(e, g) })
			})
			_, err := future.Await(t.Context(), h)
			_ = e.Close()
			if !errors.Is(err, tc.want) {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if got := log.String(); !strings.Contains(got, tc.log) || tc.log == "" && got != "" {
				t.Errorf("%s: the log is %q", tc.reason, got)
			}
		})
	}
}

// What is told of the end of a scope's task is over when Scope returns.
func TestScopeWaitsForTaskEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
		defer e.Close()
		told := false
		h := executor.Go(e, func(ctx context.Context) (bool, error) {
			// On a goroutine, which goes on as soon as the group is over.
			return future.Await(ctx, future.Go(func() (bool, error) {
				err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
					executor.GoIn(g, func(ctx context.Context) (int, error) { return 0, executor.Yield(ctx) },
						executor.OnTaskEnd(func(error) {
							time.Sleep(time.Second)
							told = true
						}))
					return nil
				})
				return told, err
			}))
		})
		if told, err := future.Await(t.Context(), h); !told || err != nil {
			t.Errorf("Scope has returned before OnTaskEnd's function did; %v", err)
		}
	})
}

// A cancelPanics is a future that panics when it is cancelled.
type cancelPanics struct{ future.Future[int] }

func (cancelPanics) Cancel() { panic("boom") }

func TestScopeNestedAndHandleCanceled(t *testing.T) {
	err := inTask(t, func(ctx context.Context) error {
		return executor.Scope(ctx, func(outer *executor.TaskGroup) error {
			return executor.Scope(outer.Context(), func(inner *executor.TaskGroup) error {
				h := executor.GoIn(inner, func(ctx context.Context) (int, error) {
					_, rx := oneshot.New[int]()
					return future.Await(ctx, rx)
				})
				executor.Yield(outer.Context())
				h.CancelCause(errors.New("this one only"))
				return nil
			})
		})
	})
	if err != nil {
		t.Errorf("a task cancelled through its handle failed the scope: %v", err)
	}
	err = inTask(t, func(ctx context.Context) error {
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.GoIn(g, func(ctx context.Context) (int, error) { return 0, context.Canceled })
			return nil
		})
	})
	if err != context.Canceled {
		t.Errorf("a task that fails as if it was cancelled, and was not: %v", err)
	}
	if err := executor.Scope(t.Context(), func(*executor.TaskGroup) error { return nil }); err != executor.ErrNoExecutor {
		t.Errorf("outside a task: %v", err)
	}
}

func TestScopeOverRefuses(t *testing.T) {
	err := inTask(t, func(ctx context.Context) error {
		var kept *executor.TaskGroup
		if err := executor.Scope(ctx, func(g *executor.TaskGroup) error { kept = g; return nil }); err != nil {
			return err
		}
		if kept.Context().Err() == nil {
			t.Error("the context of the group has not ended")
		}
		_, err := future.Await(ctx, executor.GoIn(kept, func(context.Context) (int, error) { return 1, nil }))
		return err
	})
	if err != executor.ErrScopeEnded {
		t.Errorf("a task for a scope that is over: %v", err)
	}
}

// What happens in a scope within a scope, and in which order they end.
func TestScopesNest(t *testing.T) {
	boom := errors.New("boom")
	wait := func(ctx context.Context) error {
		_, err := future.Await(ctx, future.Never[int]())
		return err
	}
	tests := []struct {
		name, reason string
		outer        func(ctx context.Context) error // of the outer group, besides the inner scope
		inner        func(ctx context.Context) error // of the inner group, besides one that waits
		after        func(err error) error           // of what the inner scope returned
		want         func(err error) bool
		saw          error // what the one that waits in the inner scope was told
	}{
		{"inner fails", "its error is the outer's as well, if it is handed on",
			wait, func(context.Context) error { return boom },
			func(err error) error { return err }, func(err error) bool { return err == boom }, boom},
		{"inner failure is handled", "the outer one goes on",
			func(context.Context) error { return nil }, func(context.Context) error { return boom },
			func(error) error { return nil }, func(err error) bool { return err == nil }, boom},
		{"outer fails", "the inner one is cancelled with the same cause",
			func(context.Context) error { return boom }, wait,
			func(error) error { return nil }, func(err error) bool { return err == boom }, boom},
		{"inner panics", "it goes through both, and cancels both",
			wait, func(context.Context) error { panic(boom) },
			func(error) error { return nil }, func(err error) bool { return errors.Is(err, boom) && err != boom }, nil},
		{"outer panics", "the inner one is cancelled, and the panic comes out of the outer one",
			func(context.Context) error { panic(boom) }, wait,
			func(error) error { return nil }, func(err error) bool { return errors.Is(err, boom) && err != boom }, nil},
		{"inner exits", "an exit is a failure",
			wait, func(context.Context) error { runtime.Goexit(); return nil },
			func(err error) error { return err }, func(err error) bool { return err == future.ErrGoexit }, future.ErrGoexit},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var ended []string
			var saw error
			start := func(g *executor.TaskGroup, name string, fn func(ctx context.Context) error) {
				executor.GoIn(g, func(ctx context.Context) (int, error) {
					defer func() {
						// It cleans up for a while, and the scope waits for it.
						for range 3 {
							_, _ = future.Await(context.WithoutCancel(ctx), later(ctx, 0))
						}
						ended = append(ended, name)
					}()
					_ = executor.Yield(ctx)
					err := fn(ctx)
					if name == "waits" {
						saw = err
					}
					return 0, err
				})
			}
			err := inTask(t, func(ctx context.Context) (err error) {
				defer func() {
					if r := recover(); r != nil {
						err = r.(error)
					}
				}()
				return executor.Scope(ctx, func(outer *executor.TaskGroup) error {
					start(outer, "outer", tc.outer)
					defer func() { ended = append(ended, "inner scope") }()
					return tc.after(executor.Scope(outer.Context(), func(inner *executor.TaskGroup) error {
						start(inner, "inner", tc.inner)
						start(inner, "waits", wait)
						return nil
					}))
				})
			})
			if !tc.want(err) {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if tc.saw != nil && saw != tc.saw || !errors.Is(saw, boom) && saw != future.ErrGoexit {
				t.Errorf("%s: what waits in the inner scope saw %v", tc.reason, saw)
			}
			at := func(name string) int { return slices.Index(ended, name) }
			if len(ended) != 4 || at("inner") > at("inner scope") || at("waits") > at("inner scope") {
				t.Errorf("%s: ended in the order %v", tc.reason, ended)
			}
		})
	}
}

// An executor that is being closed takes no tasks, those of a scope neither: it
// fails, and does not wait for them.
func TestScopeWhileClosing(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), quiet)
	waiting := make(chan bool)
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		close(waiting)
		_, _ = future.Await(ctx, future.Never[int]())
		ctx = context.WithoutCancel(ctx) // it cleans up
		var spawned *executor.Handle[int]
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			spawned = executor.SpawnIn(g, future.Ready(1))
			_, err := future.Await(ctx, executor.GoIn(g, func(context.Context) (int, error) { return 1, nil }))
			return err
		})
		_, spawnErr := future.Await(ctx, spawned)
		return 0, errors.Join(err, spawnErr)
	})
	<-waiting
	_ = e.Close()
	if _, err := future.Await(t.Context(), h); err == nil || err.Error() != errors.Join(executor.ErrRefused, executor.ErrRefused).Error() {
		t.Error(err)
	}
}

// A scope ends with its context, and cancels what it has; fn may exit.
func TestScopeEndsFromOutside(t *testing.T) {
	var saw error
	waits := func(ctx context.Context) (int, error) {
		v, err := future.Await(ctx, future.Never[int]())
		saw = err
		return v, err
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(errCause) })
		_, err := executor.Run(ctx, func(ctx context.Context) (int, error) {
			return 0, executor.Scope(ctx, func(g *executor.TaskGroup) error {
				executor.GoIn(g, waits)
				executor.SpawnIn(g, future.Never[int]())
				return nil
			})
		})
		if err != errCause || saw != errCause {
			t.Errorf("Scope gives %v, the task %v", err, saw)
		}
	})
	saw = nil
	if err := inTask(t, func(ctx context.Context) error {
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.GoIn(g, waits)
			if err := executor.Yield(ctx); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
	}); err != future.ErrGoexit || saw != future.ErrGoexit {
		t.Errorf("fn exits: the task of the scope gives %v, that in it %v", err, saw)
	}
}

// Wherever a scope is cancelled, and whatever fails in it, no task of it is left
// when it returns, and the first failure is the one that is told.
func TestScopeProperty(t *testing.T) {
	e := executor.New(executor.WithWorkers(4), quiet)
	defer e.Close()
	rapid.Check(t, func(t *rapid.T) {
		type member struct{ yields, fails, depth int }
		draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) member {
			return member{
				rapid.IntRange(0, 3).Draw(t, "yields"),
				rapid.IntRange(0, 5).Draw(t, "fails"),
				rapid.IntRange(0, 2).Draw(t, "depth"),
			}
		}), 0, 6).Draw(t, "members")
		var live, failures atomic.Int32
		var in func(ctx context.Context, depth int) error
		in = func(ctx context.Context, depth int) error {
			var mine atomic.Int32
			err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
				for _, m := range draw {
					live.Add(1)
					mine.Add(1)
					executor.GoIn(g, func(ctx context.Context) (int, error) {
						defer func() { mine.Add(-1); live.Add(-1) }()
						for range m.yields {
							if err := executor.Yield(ctx); err != nil {
								return 0, err
							}
						}
						if depth < m.depth {
							if err := in(ctx, depth+1); err != nil {
								return 0, err
							}
						}
						if m.fails == 0 {
							failures.Add(1)
							return 0, errCause
						}
						return 0, nil
					})
				}
				return nil
			})
			if n := mine.Load(); n != 0 {
				return fmt.Errorf("%d tasks are left after %w", n, err)
			}
			return err
		}
		h := executor.Go(e, func(ctx context.Context) (int, error) { return 0, in(ctx, 0) })
		_, err := future.Await(context.Background(), h)
		if live.Load() != 0 || (err == nil) != (failures.Load() == 0) || err != nil && err != errCause {
			t.Fatalf("%v, with %d failures; %d tasks are left", err, failures.Load(), live.Load())
		}
	})
}

// The end of a task in a scope is told to the scope, and to who has asked for it.
func TestScopeAndTaskEnded(t *testing.T) {
	boom := errors.New("boom")
	for _, want := range []error{nil, boom} {
		var told []error
		note := executor.OnTaskEnd(func(err error) { told = append(told, err) })
		err := inTask(t, func(ctx context.Context) error {
			return executor.Scope(ctx, func(g *executor.TaskGroup) error {
				executor.GoIn(g, func(ctx context.Context) (int, error) { return 0, want }, note)
				executor.SpawnIn(g, future.Lazy(func() future.Future[int] { return future.Failed[int](want) }), note)
				return nil
			})
		})
		if err != want || len(told) != 2 || told[0] != want {
			t.Errorf("Scope: %v, told: %v, want %v, twice", err, told, want)
		}
	}
}
