package executor_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func TestStats(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	tx, rx := oneshot.New[int]()
	waiting := executor.Spawn(e, rx)
	for range 10 {
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
			t.Fatal(err)
		}
	}
	s := e.Stats()
	if s.Live != 1 || s.Spawned != 11 || s.Polls != 11 || s.Queued != 0 || s.Workers != 1 || s.Stalls != 0 {
		t.Errorf("one waits, ten have ended: %+v", s)
	}
	if err := tx.Send(1); err != nil {
		t.Fatal(err)
	}
	if _, err := future.Await(t.Context(), waiting); err != nil {
		t.Fatal(err)
	}
	if s := e.Stats(); s.Live != 0 || s.Polls != 12 {
		t.Errorf("all have ended: %+v", s)
	}
}

// What one worker takes from another is counted, and that it rested before.
func TestStatsOfIdleWorkers(t *testing.T) {
	const n = 10
	e := twoKnownWorkers(t)
	for e.Stats().Parks == 0 {
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
			t.Fatal(err)
		}
	}
	_, err := future.Await(t.Context(), executor.Spawn(e, future.Lazy(func() future.Future[int] {
		var stolen sync.WaitGroup
		stolen.Add(n)
		for range n {
			executor.Spawn(e, future.Lazy(func() future.Future[int] { stolen.Done(); return future.Ready(1) }))
		}
		executor.Spawn(e, future.Ready(1)) // the freshest one is left to its worker
		stolen.Wait()
		return future.Ready(1)
	})))
	if s := e.Stats(); s.Steals < n || err != nil {
		t.Errorf("%v; the other worker took %d tasks: %+v", err, n, s)
	}
}

// twoKnownWorkers returns an executor whose two workers have different slots of the
// table of identities, so that what they spawn is theirs, and without a stall watch.
func twoKnownWorkers(t *testing.T) *executor.Executor {
	for range 1000 {
		e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
		t.Cleanup(func() { e.Close() }) // not before: the next one would get its goroutines
		var here, done sync.WaitGroup
		here.Add(2)
		done.Add(2)
		meet := func() future.Future[bool] {
			here.Done()
			here.Wait()
			share := e.ShareASlot()
			done.Done()
			done.Wait()
			return future.Ready(share)
		}
		one, other := executor.Spawn(e, future.Lazy(meet)), executor.Spawn(e, future.Lazy(meet))
		share, err := future.Await(t.Context(), one)
		if _, err2 := future.Await(t.Context(), other); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if !share {
			return e
		}
	}
	t.Fatal("of a thousand executors none has workers with different slots")
	return nil
}

// Queued counts tasks that could run: here behind one that keeps the only worker.
func TestStatsQueued(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	running, release := make(chan struct{}), make(chan struct{})
	executor.Go(e, func(context.Context) (int, error) { close(running); <-release; return 0, nil })
	<-running
	for range 5 {
		executor.Spawn(e, future.Ready(1))
	}
	if s := e.Stats(); s.Queued != 5 || s.Live != 6 {
		t.Errorf("five wait for the worker: %+v", s)
	}
	for task := range e.Tasks() {
		if (task.ID == 0) || (task.State != executor.StateQueued && task.State != executor.StateRunning) {
			t.Errorf("%+v", task)
		}
	}
	close(release)
}

func TestTasks(t *testing.T) {
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	ids := map[uint64]bool{}
	for i := range 10 {
		_, rx := oneshot.New[int]()
		if i%2 == 0 {
			executor.Spawn(e, rx, executor.TaskName("poll"))
		} else {
			executor.Go(e, func(ctx context.Context) (int, error) { return awaitHere(ctx, rx) }, executor.TaskName("code"))
		}
	}
	waitFor(t, "all to wait", func() bool {
		n := 0
		for task := range e.Tasks() {
			if task.State == executor.StateWaiting {
				n++
			}
		}
		return n == 10
	})
	for task := range e.Tasks() {
		if ids[task.ID] {
			t.Errorf("two tasks have the id %d", task.ID)
		}
		ids[task.ID] = true
		if task.Awaits != "*oneshot.Receiver[int]" || task.Polls == 0 || task.Age < 0 {
			t.Errorf("%+v", task)
		}
		if task.Name == "code" && !strings.Contains(task.Where, "awaitHere") {
			t.Errorf("it waits in awaitHere, not in %q", task.Where)
		}
	}
	if len(ids) != 10 {
		t.Errorf("%d tasks, want 10", len(ids))
	}
	for range e.Tasks() {
		break // may stop early
	}
}

// A task that waits in a loop over an iterator of package future waits in its own
// function, whatever was inlined into which.
func TestTaskInALoop(t *testing.T) {
	e := executor.New()
	defer e.Close()
	_, rx := oneshot.New[int]()
	executor.Go(e, func(ctx context.Context) (int, error) { return loopHere(ctx, rx) })
	waitFor(t, "the task to wait", func() bool { return allWait(e) })
	where := ""
	for task := range e.Tasks() {
		where = task.Where
	}
	if !strings.Contains(where, "loopHere") || !strings.Contains(where, "stats_test.go:") {
		t.Errorf("it waits in loopHere of this file, not in %q", where)
	}
}

func loopHere(ctx context.Context, f future.Future[int]) (int, error) {
	for _, r := range future.Completed(ctx, f) {
		return r.Value, r.Err
	}
	return 0, nil
}

func awaitHere(ctx context.Context, f future.Future[int]) (int, error) {
	return future.Await(ctx, f)
}

// Looking at a task and waking it at the same time must not lose the wake.
func TestTasksWhileTheyWake(t *testing.T) {
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			for range e.Tasks() {
			}
		}
	}()
	for i := range 2000 {
		tx, rx := oneshot.New[int]()
		h := executor.Spawn(e, rx)
		go func() { _ = tx.Send(i) }()
		if v, err := future.Await(t.Context(), h); v != i || err != nil {
			t.Fatalf("task %d: %v, %v", i, v, err)
		}
	}
	<-done
}

// Several who look at a task at the same time see the same.
func TestTasksSeenByMany(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	for range 300 {
		executor.Spawn(e, future.Never[int]())
	}
	waitFor(t, "all to wait", func() bool { return allWait(e) })
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			for range 50 {
				for task := range e.Tasks() {
					if task.State != executor.StateWaiting || task.Awaits == "" {
						t.Errorf("%+v", task)
						return
					}
				}
			}
		})
	}
	g.Wait()
}

// A task that runs or could run is not waiting, but its code is somewhere too.
func TestTasksWhere(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	inside, release := make(chan struct{}), make(chan struct{})
	queued := executor.Go(e, func(ctx context.Context) (int, error) { return 0, yieldHere(ctx) }, executor.TaskName("queued"))
	executor.Go(e, func(ctx context.Context) (int, error) {
		_ = executor.Yield(ctx)
		return blockHere(inside, release), nil
	}, executor.TaskName("running"))
	<-inside
	for task := range e.Tasks() {
		want := executor.TaskInfo{State: executor.StateQueued, Where: "yieldHere"}
		if task.Name == "running" {
			want = executor.TaskInfo{State: executor.StateRunning, Where: "blockHere"}
		}
		if task.State != want.State || !strings.Contains(task.Where, want.Where) || task.Awaits != "" {
			t.Errorf("%+v", task)
		}
	}
	close(release)
	if _, err := future.Await(t.Context(), queued); err != nil {
		t.Error(err)
	}
}

func yieldHere(ctx context.Context) error {
	for range 3 {
		if err := executor.Yield(ctx); err != nil {
			return err
		}
	}
	return nil
}

func blockHere(inside, release chan struct{}) int {
	close(inside)
	<-release
	return 1
}

// Dump says of each task how old it is, what it does and the line where it is.
func TestDump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
		defer e.Close()
		here := func() int {
			_, _, line, _ := runtime.Caller(1)
			return line
		}
		waits, runs := 0, 0
		executor.Go(e, func(ctx context.Context) (int, error) {
			waits = here() + 1
			return future.Await(ctx, future.Never[int]())
		}, executor.TaskName("waits"))
		_, rx := oneshot.New[int]()
		time.Sleep(time.Hour)
		release := make(chan bool)
		defer close(release)
		executor.Go(e, func(context.Context) (int, error) {
			runs = here() + 1
			<-release
			return 0, nil
		}, executor.TaskName("runs"))
		synctest.Wait()
		executor.Go(e, rx.RecvContext, executor.TaskName("queued"))
		time.Sleep(time.Minute)
		var out strings.Builder
		if err := e.Dump(&out); err != nil {
			t.Error(err)
		}
		place := regexp.MustCompile(`\tat \S+ \S+/stats_test\.go:`)
		_, got, _ := strings.Cut(place.ReplaceAllString(out.String(), "\tat line "), "\n")
		want := fmt.Sprintf(`task 1 "waits": waiting, age 1h1m0s, polls 1, awaits *future.never[int]
	at line %d
task 2 "runs": running, age 1m0s
	at line %d
task 3 "queued": queued, age 1m0s
`, waits, runs)
		if got != want {
			t.Errorf("Dump wrote\n%s\nwant\n%s", got, want)
		}
	})
}

// What a task awaits of another one says which that is, and so does its context.
func TestTasksAreDescribed(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	name := executor.TaskName("other")
	_, runnable := executor.NewRunnable(future.Never[int](), func(*executor.Runnable) {}, name)
	for _, tc := range []struct {
		f    future.Future[int]
		want string
	}{
		{runnable, `*executor.Handle[int] of ` + strings.TrimSuffix(strings.TrimPrefix(runnable.String(), "handle of "), " (queued)")},
		{executor.Spawn(e, future.Never[int]()), `*executor.Handle[int] of task 1`},
		{executor.Spawn(e, future.Never[int](), name), `*executor.Handle[int] of task 2 "other"`},
	} {
		var printed string
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			printed = fmt.Sprint(ctx)
			return future.Await(ctx, tc.f)
		}, executor.TaskName("it"))
		waitFor(t, "all to wait", func() bool { return allWait(e) })
		for task := range e.Tasks() {
			if task.Name == "it" && task.Awaits != tc.want {
				t.Errorf("it awaits %q, want %q", task.Awaits, tc.want)
			}
			if want := fmt.Sprintf("context of task %d %q", task.ID, "it"); task.Name == "it" && printed != want {
				t.Errorf("its context is %q, want %q", printed, want)
			}
		}
		h.CancelCause(nil)
		_, _ = future.Await(t.Context(), h)
	}
}

// A task whose function is one of the library's has no place of its own.
func TestDumpWithoutPlace(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	tx, rx := oneshot.New[int]()
	h := executor.Go(e, rx.RecvContext)
	waitFor(t, "it to wait", func() bool { return allWait(e) })
	for task := range e.Tasks() {
		if task.Where != "" {
			t.Errorf("it is at %q", task.Where)
		}
	}
	_ = tx.Send(1)
	if v, err := future.Await(t.Context(), h); v != 1 || err != nil {
		t.Error(v, err)
	}
}

// Dump shows what does not come to an end, and why: here a mail that waits for a
// connection, which waits for a message that nobody sends.
func ExampleExecutor_Dump() {
	e := executor.New(executor.WithWorkers(1), executor.WithName("mailer"), executor.WithStallThreshold(time.Minute))
	defer e.Close()
	_, reply := oneshot.New[string]()
	connection := executor.Go(e, func(ctx context.Context) (string, error) {
		return future.Await(ctx, reply)
	}, executor.TaskName("connect"))
	executor.Go(e, func(ctx context.Context) (string, error) {
		return future.Await(ctx, connection)
	}, executor.TaskName("send mail"))
	executor.Spawn(e, future.After(time.Hour))
	for !allWait(e) {
		_ = executor.Yield(context.Background())
	}
	var out strings.Builder
	if err := e.Dump(&out); err != nil {
		fmt.Println(err)
	}
	// Some of it differs from run to run.
	fmt.Print(regexp.MustCompile(`(age |parks |\.func\d )(\S*)\b`).ReplaceAllString(out.String(), "$1…"))
	// Output:
	// executor mailer: live 3, queued 0, workers 1, spawned 3, polls 3, steals 0, parks …, stalls 0, failed 0, panicked 0, canceled 0
	// task 1 "connect": waiting, age …, polls 1, awaits *oneshot.Receiver[string]
	// 	at github.com/go-await/await/executor_test.ExampleExecutor_Dump.func1 …
	// task 2 "send mail": waiting, age …, polls 1, awaits *executor.Handle[string] of task 1 "connect"
	// 	at github.com/go-await/await/executor_test.ExampleExecutor_Dump.func2 …
	// task 3: waiting, age …, polls 1, awaits *future.after
}

func ExampleExecutor_Tasks() {
	e := executor.New()
	defer e.Close()
	for _, name := range []string{"a", "b", "c"} {
		executor.Spawn(e, future.Never[int](), executor.TaskName(name))
	}
	for !allWait(e) {
		_ = executor.Yield(context.Background())
	}
	for task := range e.Tasks() {
		fmt.Println(task.Name, task.State, "for", task.Awaits)
	}
	// Output:
	// a waiting for *future.never[int]
	// b waiting for *future.never[int]
	// c waiting for *future.never[int]
}

func ExampleExecutor_Stats() {
	e := executor.New(executor.WithStallThreshold(time.Minute))
	defer e.Close()
	executor.Spawn(e, future.Never[int]())
	ready := executor.Spawn(e, future.Ready(1))
	_, _ = future.Await(context.Background(), ready)
	s := e.Stats()
	fmt.Println(s.Spawned, "spawned,", s.Live, "live,", s.Stalls, "stalled")
	// Output:
	// 2 spawned, 1 live, 0 stalled
}

func TestDumpError(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	full := errors.New("no space left")
	if err := e.Dump(writerFunc(func([]byte) (int, error) { return 0, full })); err != full {
		t.Errorf("Dump to a writer that fails: %v", err)
	}
}

func allWait(e *executor.Executor) bool {
	for task := range e.Tasks() {
		if task.State != executor.StateWaiting {
			return false
		}
	}
	return true
}

// Tasks are told apart by their identities, and those that one task has spawned are
// listed in that order, however many they are.
func TestIdentities(t *testing.T) {
	const n = 1000
	e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
	defer e.Close()
	outside := executor.Spawn(e, future.Never[int](), executor.TaskName("outside"))
	outside.Detach()
	if _, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
		for i := range n {
			executor.Spawn(e, future.Never[int](), executor.TaskName(fmt.Sprint(i))).Detach()
		}
		return 0, nil
	})); err != nil {
		t.Fatal(err)
	}
	seen := map[uint64]string{}
	next := 0
	for info := range e.Tasks() {
		if other, twice := seen[info.ID]; twice {
			t.Fatalf("tasks %s and %s are both %d", other, info.Name, info.ID)
		}
		seen[info.ID] = info.Name
		if info.Name == fmt.Sprint(next) {
			next++
		}
	}
	if len(seen) != n+1 || next != n {
		t.Errorf("%d tasks, of which %d in the order of their spawns", len(seen), next)
	}
}

// Nor does a task from outside have the identity of one that a worker has spawned,
// which takes some at a time.
func TestIdentitiesFromOutside(t *testing.T) {
	e := twoKnownWorkers(t)
	never := func() { executor.Spawn(e, future.Never[int]()).Detach() }
	for range 3 {
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Lazy(func() future.Future[int] {
			never()
			return future.Ready(1)
		}))); err != nil {
			t.Fatal(err)
		}
		for range 200 {
			never()
		}
	}
	seen := map[uint64]bool{}
	for info := range e.Tasks() {
		if seen[info.ID] {
			t.Fatalf("two tasks are %d", info.ID)
		}
		seen[info.ID] = true
	}
	if len(seen) != 603 {
		t.Errorf("%d tasks", len(seen))
	}
}

// The age of a task is the time since its spawn, whoever has spawned it and however
// long the worker had rested, and the oldest task comes first.
func TestTasksAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		never := func(name string) { executor.Spawn(e, future.Never[int](), executor.TaskName(name)).Detach() }
		for range 3 {
			never("outside")
			time.Sleep(time.Hour)
			if _, err := future.Await(t.Context(), executor.Spawn(e, future.Lazy(func() future.Future[int] {
				never("inside")
				return future.Ready(1)
			}))); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Hour)
		}
		hours := 6
		for info := range e.Tasks() {
			name := []string{"inside", "outside"}[(hours+1)%2]
			if want := time.Duration(hours) * time.Hour; info.Age != want || info.Name != name {
				t.Errorf("%s is %v old, want %s, %v", info.Name, info.Age, name, want)
			}
			hours--
		}
	})
}

// A task that ends while somebody goes through the list is not in it any more.
func TestTasksThatEndMeanwhile(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	executor.Spawn(e, future.Never[int](), executor.TaskName("first")).Detach()
	tx, rx := oneshot.New[int]()
	second := executor.Spawn(e, rx, executor.TaskName("second"))
	for info := range e.Tasks() {
		if info.Name != "first" {
			t.Errorf("it has ended: %+v", info)
			continue
		}
		_ = tx.Send(1)
		if _, err := future.Await(t.Context(), second); err != nil {
			t.Error(err)
		}
	}
}

// Polls counts the polls of a task that waits, whatever it is made of.
func TestTasksPolls(t *testing.T) {
	const polls = 3
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	n := 0
	executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
		if n++; n < polls {
			w.Wake()
		}
		return 0, false, nil
	})).Detach()
	executor.Go(e, func(ctx context.Context) (int, error) {
		for range polls - 1 {
			if err := executor.Yield(ctx); err != nil {
				return 0, err
			}
		}
		return future.Await(ctx, future.Never[int]())
	}).Detach()
	waitFor(t, "both to wait", func() bool { return allWait(e) && e.Stats().Polls == 2*polls })
	for info := range e.Tasks() {
		if info.Polls != polls {
			t.Errorf("it was polled %d times: %+v", polls, info)
		}
	}
}

// So do those that the worker itself has made runnable, with the one that it runs next.
func TestStatsQueuedByTask(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	queued, err := future.Await(t.Context(), executor.Spawn(e, future.Lazy(func() future.Future[int] {
		for range 3 {
			executor.Spawn(e, future.Ready(1))
		}
		return future.Ready(e.Stats().Queued)
	})))
	if queued != 3 || err != nil {
		t.Errorf("%d queued, want 3; %v", queued, err)
	}
}

// A task that ends with an error is counted, in one place, and one that succeeds in none.
// The counts are complete once Close has returned.
func TestStatsOfEnds(t *testing.T) {
	type counts struct{ failed, panicked, canceled uint64 }
	wait := func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) }
	start := func(fn func(ctx context.Context) (int, error)) func(*executor.Executor) {
		return func(e *executor.Executor) { executor.Go(e, fn, executor.OnTaskEnd(func(error) {})) }
	}
	for _, c := range []struct {
		name string
		want counts
		do   func(e *executor.Executor) // in a bubble; Close follows when all is quiet
	}{
		{"success", counts{}, start(func(context.Context) (int, error) { return 1, nil })},
		{"error", counts{failed: 1}, start(func(context.Context) (int, error) { return 0, errors.New("no") })},
		{"error of a future", counts{failed: 1}, func(e *executor.Executor) { executor.Spawn(e, future.Failed[int](errors.New("no"))).Cancel() }},
		{"context.Canceled of a task that was not canceled", counts{failed: 1}, start(func(context.Context) (int, error) { return 0, context.Canceled })},
		{"panic", counts{panicked: 1}, start(func(context.Context) (int, error) { panic("on purpose") })},
		{"Goexit", counts{failed: 1}, start(func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })},
		{"canceled before it began", counts{canceled: 1}, func(e *executor.Executor) {
			executor.Go(e, func(context.Context) (int, error) {
				executor.Go(e, wait).CancelCause(errors.New("enough")) // the only worker is here
				return 0, nil
			})
		}},
		{"canceled while it waited", counts{canceled: 1}, func(e *executor.Executor) {
			h := executor.Go(e, func(ctx context.Context) (int, error) { _, _ = wait(ctx); return 0, ctx.Err() })
			synctest.Wait()
			h.Cancel()
		}},
		{"canceled, and failed", counts{failed: 1}, func(e *executor.Executor) {
			h := executor.Go(e, func(ctx context.Context) (int, error) { _, _ = wait(ctx); return 0, errors.New("no") })
			synctest.Wait()
			h.Cancel()
		}},
		{"canceled, and succeeded", counts{}, func(e *executor.Executor) {
			h := executor.Go(e, func(ctx context.Context) (int, error) { _, _ = wait(ctx); return 1, nil })
			synctest.Wait()
			h.Cancel()
		}},
		{"canceled by Close", counts{canceled: 2}, func(e *executor.Executor) { start(wait)(e); executor.Spawn(e, future.Never[int]()) }},
		{"refused", counts{}, func(e *executor.Executor) { _ = e.Close(); start(wait)(e) }},
		{"a Runnable", counts{}, func(*executor.Executor) {
			r, h := executor.NewRunnableFunc(context.Background(), func(context.Context) (int, error) { return 0, errors.New("no") },
				func(r *executor.Runnable) { r.Run() }, executor.OnTaskEnd(func(error) {}))
			r.Schedule()
			if !h.Done() {
				t.Error("the Runnable has not ended")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
				c.do(e)
				synctest.Wait()
				_ = e.Close()
				s := e.Stats()
				if got := (counts{s.Failed, s.Panicked, s.Canceled}); got != c.want {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
			})
		})
	}
}
