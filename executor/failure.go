package executor

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync/atomic"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/safe"
)

// A PanicPolicy says what becomes of a panic in a task, besides ending the task.
// Whatever it says, the panic's value and the stack where it happened are kept in
// a [*future.PanicError], and the worker lives on. A task that returns the
// PanicError of something that it awaited, not wrapped in another error, counts as
// one that has panicked.
type PanicPolicy uint8

const (
	// PanicsDefault makes the panic the error of the task's result. If the task
	// was detached with [Handle.Detach], nobody will see that: the panic is
	// logged, and crashes the process as it would have in a goroutine.
	PanicsDefault PanicPolicy = iota
	// PanicsReturned makes it the error of the result, and no more: if the task
	// was detached it is logged.
	PanicsReturned
	// PanicsRethrown makes Poll of the Handle, and so an Await of it, panic with
	// the PanicError. If the task was detached it is as PanicsDefault.
	PanicsRethrown
	// PanicsCrash crashes the process at once, after logging, whoever awaits the
	// task or is told of its end.
	PanicsCrash
)

// WithPanics sets the policy for panics of an executor's tasks. The default is
// [PanicsDefault].
func WithPanics(p PanicPolicy) Option { return func(c *config) { c.panics = p } }

// TaskPanics sets the policy for panics of a task, in place of its executor's.
func TaskPanics(p PanicPolicy) TaskOption {
	return func(x *extra) { x.panics, x.hasPanics = p, true }
}

// TaskLogger sets the logger to which a task reports a failure whose result is not
// awaited. The default is the logger of the executor, and slog.Default for a Runnable.
// A nil l changes nothing.
func TaskLogger(l *slog.Logger) TaskOption {
	return func(x *extra) { x.specials().logger = l }
}

// A lostFailure is the failure of a task whose result has not been taken yet. If the
// collector finds the handle first, it is logged.
//
// It must not refer to the task, which it outlives.
type lostFailure struct {
	log      *slog.Logger
	limit    *limiter[failureKind]
	name     string
	id       uint64
	err      error // nil once taken: it may refer to the task
	panics   bool  // err is a panic
	canceled verdict
	policy   PanicPolicy
	taken    atomic.Bool // a consumer has seen the error, or a hook is told of it
}

// A verdict says whether a task's error is a failure, or only says that the task was
// canceled.
type verdict uint8

const (
	failure       verdict = iota
	canceledAlone         // it was canceled through its own handle
	canceledByAll         // it was canceled with its executor, its group or its parent
)

// judge says what err, the result of a task that has ended, means. A canceled task may
// return the cause, the error of its context, or an error that wraps one of the two;
// one whose cause is a deadline may return any error that is a deadline's.
func (t *task) judge(err error) verdict {
	if isPanic(err) {
		return failure
	}
	if c := t.canceled.Load(); c != nil && !c.ended && isEndOf(err, context.Canceled, c.cause) {
		if c.all {
			return canceledByAll
		}
		return canceledAlone
	}
	// Also of a task that was canceled later: its context had ended with the parent's.
	if t.extra != nil && t.extra.parent != nil {
		if p := t.extra.parent; p.Err() != nil && isEndOf(err, p.Err(), context.Cause(p)) {
			return canceledByAll
		}
	}
	return failure
}

// isEndOf reports whether err says that a context has ended, with that error and cause.
func isEndOf(err, ctxErr, cause error) bool {
	return safe.Is(err, ctxErr) || safe.Is(err, cause) || safe.Is(err, context.Canceled) ||
		safe.Is(cause, context.DeadlineExceeded) && safe.Is(err, context.DeadlineExceeded)
}

// failed sees to it that err, with which the task has ended, is logged if its result is not
// awaited. means is the verdict on err. It is called before the result can be seen.
func (h *Handle[T]) failed(err error, means verdict) {
	l := &lostFailure{log: h.log(), limit: failuresOfRunnables, name: h.name(), id: h.id, err: err, panics: isPanic(err), canceled: means}
	if h.shard != nil {
		l.policy, l.limit = h.shard.exec.panics, h.shard.exec.failures
	}
	told := false
	if x := h.extra; x != nil {
		if x.hasPanics {
			l.policy = x.panics
		}
		told = x.ended != nil || x.hooks != nil
	}
	if l.panics && l.policy == PanicsCrash {
		l.write()
		crash(err)
	}
	l.taken.Store(told) // nobody else knows it yet
	if !told && l.canceled == failure {
		runtime.AddCleanup(h, (*lostFailure).reportIfLost, l)
	}
	c := cancellation{ended: true}
	if old := h.canceled.Load(); old != nil {
		c = *old
	}
	c.lost = l
	if !h.hasContext() {
		c.cause = nil
	}
	h.canceled.Store(&c) // the task is over: a cancellation that comes now is none
}

// taken notes that the consumer has got err.
func (h *Handle[T]) taken(err error) {
	c := h.canceled.Load()
	if c == nil || c.lost == nil {
		return
	}
	if c.lost.panics && !isPanic(err) {
		return // it has cancelled the handle, and got the end of that
	}
	c.lost.taken.Store(true) // seen by the cleanup, which runs after all of this
	c.lost.err = nil
	if isPanic(err) && c.lost.policy == PanicsRethrown {
		panic(err)
	}
}

// givenUp notes that the consumer does not want the result. Cancel calls it after
// it has closed the result, and the end of the task if it finds it closed: the
// later of the two sees the failure.
func (h *Handle[T]) givenUp() {
	c := h.canceled.Load()
	if c == nil || c.lost == nil {
		return
	}
	if !c.lost.panics {
		c.lost.taken.Store(true)
	}
}

func (l *lostFailure) reportIfLost() {
	if !l.taken.Load() {
		l.report()
	}
}

// report logs the failure, unless one like it was logged a moment ago.
func (l *lostFailure) report() {
	if isEnabled(l.log, slog.LevelError) {
		l.limit.log(l.kind(), 1, l.write)
	}
}

func (l *lostFailure) write() {
	writeLog(l.log, slog.LevelError, "task failed, and its result is not awaited",
		slog.Uint64("id", l.id), slog.String("task", l.name), slog.Any("error", l.err))
}

// A failureKind is what failures have in common of which one is logged in limitInterval.
type failureKind struct {
	log         *slog.Logger
	name, error string
}

func (l *lostFailure) kind() failureKind {
	text := fmt.Sprint(l.err) // which recovers if Error panics
	return failureKind{l.log, l.name, text[:min(len(text), maxFailureText)]}
}

const (
	// maxFailureKinds is how many kinds of failures are logged in limitInterval.
	maxFailureKinds = 16
	// maxFailureText is how much of an error's text tells a kind from others.
	maxFailureText = 200
)

// failuresOfRunnables limits the log of tasks that have no executor.
var failuresOfRunnables = newFailureLimiter(slog.Default)

func newFailureLimiter(log func() *slog.Logger) *limiter[failureKind] {
	return &limiter[failureKind]{
		kinds: maxFailureKinds,
		say: func(k failureKind, left int) {
			writeLog(k.log, slog.LevelError, "more tasks failed, and their results are not awaited",
				slog.String("task", k.name), slog.String("error", k.error), slog.Int("left_out", left))
		},
		sayRest: func(left int) {
			writeLog(log(), slog.LevelError, "more tasks failed, with other names or errors, and their results are not awaited",
				slog.Int("left_out", left))
		},
	}
}

// log returns where failures of t are reported.
func (t *task) log() *slog.Logger {
	switch x := t.extra; {
	case x != nil && x.special != nil && x.special.logger != nil:
		return x.special.logger
	case t.shard != nil:
		return t.shard.exec.log()
	}
	return slog.Default()
}

// writeLog writes a record to l. A handler that panics ends neither the task nor the
// process: the record goes to standard error then.
func writeLog(l *slog.Logger, level slog.Level, msg string, attrs ...slog.Attr) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "executor: %s %v (the handler of the log panicked: %v)\n", msg, attrs, r)
		}
	}()
	l.LogAttrs(context.Background(), level, msg, attrs...)
}

// isPanic reports whether err is a panic itself, and not only made of one.
func isPanic(err error) bool {
	p, _ := err.(*future.PanicError)
	return p != nil
}

// crash ends the process as a panic that nobody recovers does.
func crash(err error) {
	go panic(err)
}

// Detach gives the result up: nobody will poll the handle. If the task fails, the
// failure is logged as soon as it ends, unless it only says that the task was
// cancelled, and a panic goes on to crash the process; see [PanicPolicy]. If
// [OnTaskEnd] or a group is told of it, neither is done. Detach must not be called
// at the same time as Poll, and Poll not after it. A value is dropped: see
// [Handle.OnDrop]. Detach allocates once.
func (h *Handle[T]) Detach() {
	h.check("Detach")
	d := &detached[T]{handle: h}
	d.waker.Init(d)
	d.OnWake()
}

// A detached consumes the result of a task in place of somebody who awaits it.
type detached[T any] struct {
	waker  future.Waker
	handle *Handle[T]
}

// OnWake looks whether the task has ended. It is called by Detach, and by the
// task's end, after the result is there.
func (d *detached[T]) OnWake() {
	h := d.handle
	if !h.result.Register(&d.waker) {
		return
	}
	if h.result.HasMessage() {
		h.result.Close() // which drops it
		return
	}
	var v T
	_, err := h.result.Poll(nil, h, &v)
	if err == nil {
		return
	}
	c := h.canceled.Load()
	if c == nil || c.lost == nil || c.lost.taken.Swap(true) || c.lost.canceled != failure {
		return
	}
	if l := c.lost; isPanic(err) && l.policy != PanicsReturned {
		l.write()
		crash(err)
	} else {
		l.report()
	}
}
