package executor

import (
	"context"
	"time"
)

// MaxIdleCoroutines is how many idle coroutines a worker keeps.
const MaxIdleCoroutines = maxIdleCoroutines

// The bounds of a worker on a Runner.
const (
	RunnerTurn     = runnerTurn
	SubmitPatience = submitPatience

	UnwindPatience  = unwindPatience
	SilencePatience = silencePatience
)

// Watching reports whether the next look of the watch is at most a rescue interval away.
func Watching(e *Executor) bool { return e.watch.armed.Load() }

// ForgetIdentities makes every worker and coroutine unknown to the table, as if
// others had taken their slots.
func (e *Executor) ForgetIdentities() {
	for i := range e.identity.slots {
		e.identity.slots[i].Store(nil)
	}
}

// ShareASlot reports whether two workers, which all run a task, have the same slot
// of the table of identities: then one of them is taken for an outsider.
func (e *Executor) ShareASlot() bool {
	seen := map[any]bool{}
	for _, w := range *e.workers.Load() {
		s := e.identity.slot(w.home.goroutine.Load())
		if seen[s] {
			return true
		}
		seen[s] = true
	}
	return false
}

// HalfCanceled puts the task of ctx into the state in which it has been cancelled
// with cause, while another goroutine has made the standard context behind ctx and
// has not yet seen that.
func HalfCanceled(ctx context.Context, cause error) {
	f := ctx.(*fiber)
	f.task.cancelCause(cause, false)
	in := new(innerContext)
	in.ctx, in.cancel = context.WithCancelCause(f.parent())
	f.inner.Store(in)
}

// WatchingSlots reports whether a look at the slots is to come.
func WatchingSlots(e *Executor) bool { return e.slots.armed.Load() != 0 }

// A Record is what the watch knows of a worker.
type Record = record

// Note is note.
func (r *record) Note(ticks uint64, now time.Time, late time.Duration) time.Duration {
	return r.note(ticks, now, late)
}
