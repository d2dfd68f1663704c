package executor

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/go-await/await/internal/atomics"
)

// An Executor runs tasks on a few workers.
//
// Its methods, and [Go] and [Spawn] on it, may be called by any goroutine at any
// time. None of them blocks except Shutdown and Close. An executor that is not
// used any more must be closed: its idle workers are goroutines.
type Executor struct {
	config
	// submit is the schedule function of the Runnable in whose context the executor is,
	// and maker that Runnable's fiber: see kit.go. They are nil in all others.
	submit func(*Runnable)
	maker  weak.Pointer[fiber]
	caller *caller // of the Run whose executor it is, or nil

	began time.Time
	size  int // workers, not counting spare ones
	// labels has those of pprof for goroutines that run no task with labels of its
	// own. Contexts of tasks that have no other parent descend from root.
	labels, root context.Context

	global    globalQueue
	lot       lot
	unwinding unwinding
	silence   *silence // nil without a Runner
	identity  identityTable
	watch     watch
	reports   reports
	failures  *limiter[failureKind] // apart, because records of failures may outlive the executor
	slots     slotWatch
	outcomes  outcomes
	workers   atomics.Pointer[[]*worker] // never empty; some may have ended
	active    atomics.Pointer[[]*worker] // those that are not bypassed
	shards    []shard
	lastID    atomic.Uint64 // the largest that a task may have

	// open counts what keeps the executor from being over: shards that are not
	// drained, and goroutines that run code of tasks and are no workers.
	open       atomics.Int64
	visitors   visitors
	stopped    atomics.Uint32  // 1 once no task lives and none will come
	whenOver   func()          // called once, after stopped is set: it starts finish
	over       context.Context // ends when nothing of the executor is left
	endOver    context.CancelFunc
	inspecting sync.Mutex     // held by who describes a task
	goroutines sync.WaitGroup // that run workers
}

// A config is what the options say.
type config struct {
	name      string
	logger    *slog.Logger
	workers   int
	maxSpares int
	threshold time.Duration
	runner    Runner
	panics    PanicPolicy
}

// An Option configures an executor.
type Option func(*config)

// WithWorkers sets how many tasks run at the same time, which must be from 1 to 65,536:
// New panics otherwise. The default is GOMAXPROCS at the call of New. Even with one
// worker tasks may run at the same time, once one of them stalls: see
// [WithStallThreshold] and [WithMaxSpares]. In [Run] they never do.
func WithWorkers(n int) Option { return func(c *config) { c.workers = n } }

// WithName sets the name that logs, dumps and profiles show. The default is
// "executor".
func WithName(name string) Option { return func(c *config) { c.name = name } }

// WithLogger sets where failures whose results are not awaited, and stalls, are reported.
// The default, also if l is nil, is slog.Default, as it is then.
//
// The log stays short. Of the failures with the same task name and error one is logged in
// 10 s, and of the stalls at the same line of code one. How many were left out is logged
// when the 10 s are over, or at the end of the executor. In 10 s up to 16 kinds of failures
// and 50 lines of code are told apart; of the rest only the number is logged.
//
// A handler that is slow, or that does not return, delays no task and no rescue. The end of
// the executor, and so Close, waits at most 1 s for reports of stalls. The failure of a
// detached task is logged by the task's worker, or by Detach if it has ended before: others
// take over while a worker does so, and the end of the executor waits for it.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// WithStallThreshold sets how long a task may keep its worker, computing or blocked,
// before the task has stalled. A stall is counted in [Stats], once, and reported as a
// warning to the logger: the executor, the task's name and id, the file and line where its
// code is (at) and the function (in), how long it has kept the worker, and what to do. The
// time for which the processors were busy with something else does not count.
//
// The default is 1 s. The other tasks do not wait that long. A worker that does not come
// back within 10 ms, or within the threshold if that is shorter, is stuck: others take over
// the tasks that wait. That is an idle worker if there is one, or else a spare one that is
// started for it. Spare workers end when those they stand in for are back. If all workers
// are stuck and tasks wait, as many spares start as are stuck, again and again: see
// [WithMaxSpares]. All that happens 10 to 20 ms after the task was given the worker, or
// somewhat later if the processors are busy with something else.
//
// A threshold that is not positive switches both off: there are no reports and no spare
// workers. An idle worker takes the tasks of one that does not come back all the same,
// after some milliseconds. To have spare workers and no reports, set a logger that takes
// no warnings. The watch costs nothing while all workers rest.
//
// The places of stalls are looked up at most once a second for all of them, and only if the
// logger takes warnings. With up to 500 goroutines that stops the world for a moment, about
// 5 µs for each of them. Of more goroutines the places are read from the goroutine profile,
// which does not tell which goroutine is which: a task without a name of its own then may
// be at one of several places. Of more than 50,000 none is looked up. The report of a task
// that has gone on meanwhile says so. A logger that takes debug records gets the stack, too.
//
// In [Run], and if all workers on a [Runner] are stuck, no other worker takes over: the
// threads are not ours. In a synctest bubble a task that sleeps keeps its worker
// for as long as the bubble's clock says, and is reported.
//
// A task that awaits something every 10 ms is not stuck, also if what it awaits is
// always ready: once in that time such an await lets other tasks run.
func WithStallThreshold(d time.Duration) Option { return func(c *config) { c.threshold = d } }

// WithMaxSpares sets how many spare workers there may be at a time: so many tasks more
// than there are workers may be stuck, in a system call, on a mutex or in a computation,
// before the others wait for them. If what they are stuck on is one of the
// others, a mutex whose holder awaits for instance, none of them goes on then. When the
// limit is met and tasks wait, that is logged as an error, once until no worker is stuck
// and no task waits.
//
// The default is 100,000, which is no limit for a program that works: so many stuck tasks
// take about 1 GB, and the runtime ends a program that needs more than 10,000 threads
// for system calls. If n is not positive there are no spare workers. An executor on a
// [Runner] has none.
func WithMaxSpares(n int) Option { return func(c *config) { c.maxSpares = n } }

// maxWorkers is more than there are processors anywhere, and few enough to be allocated.
const maxWorkers = 1 << 16

const defaultThreshold = time.Second

// New returns an executor. Its workers start when there is work for them. It
// allocates some 1 KB, and about as much for each worker. It panics if one of opts is
// nil or sets a number of workers that cannot be.
func New(opts ...Option) *Executor {
	c := config{name: "executor", workers: runtime.GOMAXPROCS(0), maxSpares: defaultMaxSpares, threshold: defaultThreshold}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("executor: New: option %d of %d is nil", i+1, len(opts)))
		}
		o(&c)
	}
	if c.workers <= 0 || c.workers > maxWorkers {
		panic(fmt.Sprintf("executor: New with %d workers: want 1 to %d", c.workers, maxWorkers))
	}
	if c.runner != nil {
		return newExecutor(c, runnerWorker)
	}
	e := newExecutor(c, ownWorker)
	e.labels = pprof.WithLabels(e.labels, pprof.Labels("executor", c.name))
	e.root = e.labels
	return e
}

func newExecutor(c config, kind workerKind) *Executor {
	e := &Executor{
		config:   c,
		began:    time.Now(),
		size:     c.workers,
		labels:   context.Background(),
		root:     context.Background(),
		identity: newIdentityTable(c.workers),
		watch:    watch{looking: make(chan struct{}, 1)},
		failures: newFailureLimiter(c.log),
	}
	e.initReports()
	e.over, e.endOver = context.WithCancel(context.Background())
	if kind == runnerWorker {
		e.silence = &silence{exec: e}
	}
	e.whenOver = func() { go e.finish() }
	e.makeShards(shardsPerWorker)
	ws := make([]*worker, c.workers)
	for i := range ws {
		ws[i] = e.newWorker(i, kind)
		e.lot.enter(ws[i])
	}
	e.workers.Store(&ws)
	e.active.Store(&ws)
	return e
}

// schedule puts a task that has been woken into a queue.
func (e *Executor) schedule(t *task) {
	w := e.current()
	busy := w == nil && e.lot.idleCount.Load() == 0
	e.scheduleFrom(w, t)
	if busy {
		e.call(t.id)
	}
}

// call asks some workers to look into the global queue before they take the next
// task of their own. A worker that hears it too late has looked for nothing, and
// one that does not hear it looks there now and then anyway.
func (e *Executor) call(first uint64) {
	ws := *e.active.Load()
	for i := range uint64(min(len(ws), maxCalled)) {
		// 0 → 1: whoever finds it looks after the push that the caller has made.
		if w := ws[(first+i)%uint64(len(ws))]; w.called.Load() == 0 {
			w.called.Store(1)
		}
	}
}

// scheduleFrom is schedule called on worker w, or by an outsider if w is nil.
func (e *Executor) scheduleFrom(w *worker, t *task) {
	if w != nil && w.bypassed.Load() == 0 {
		// The worker itself will look at its queue; another one is resumed only if
		// there is more to do than one task. A bypassed worker's queue is left empty.
		more := w.queue.push(t)
		if w.bypassed.Load() != 0 { // after the push: see bypass
			w.spill()
		} else if e.lot.idleCount.Load() != 0 { // after the push: see slotWatch and lot
			if more {
				e.lot.notify()
			}
			e.watchSlots()
		}
		return
	}
	if e.submit != nil {
		t.submit(false)
		return
	}
	e.global.push(t)
	e.lot.notify()
}

// hasWork reports whether a queue holds a task that an idle worker may take.
func (e *Executor) hasWork() bool {
	work, _ := e.survey()
	return work
}

// survey is hasWork, and reports whether the next slot of a worker is full if there
// is no work.
func (e *Executor) survey() (work, full bool) {
	if e.global.size.Load() > 0 {
		return true, false
	}
	for _, w := range *e.active.Load() {
		stealable, next := w.queue.survey()
		if stealable {
			return true, false
		}
		full = full || next
	}
	return false, full
}

// isStopped reports whether no task lives and none will come.
func (e *Executor) isStopped() bool { return e.stopped.Load() != 0 }

func (c *config) log() *slog.Logger {
	if c.logger != nil {
		return c.logger
	}
	return slog.Default()
}

// executorKey is the context key of a task's executor.
type executorKey struct{}

// FromContext returns the executor whose task ctx descends from, or nil. In a task of
// [NewRunnableFunc] it is one whose tasks are Runnables as well. It panics if ctx is nil.
func FromContext(ctx context.Context) *Executor {
	if ctx == nil {
		panic("executor: FromContext with a nil context")
	}
	e, _ := ctx.Value(executorKey{}).(*Executor)
	return e
}
