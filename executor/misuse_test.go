package executor_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// Each exported function with nil arguments, and on zero values: a panic of this package
// that names the argument.
func TestMisusePanics(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	fn := func(context.Context) (int, error) { return 1, nil }
	do := func(context.Context) error { return nil }
	group := func(*executor.TaskGroup) error { return nil }
	schedule := func(*executor.Runnable) {}
	ready := future.Ready(1)
	var (
		nilExecutor *executor.Executor
		nilGroup    *executor.TaskGroup
		nilHandle   *executor.Handle[int]
		nilRunnable *executor.Runnable
		nilContext  context.Context
	)
	zero := new(executor.Executor)
	type embeds struct{ *executor.Executor }
	tests := []struct {
		call func()
		want string
	}{
		{func() { executor.New(nil) }, "New: option 1 of 1 is nil"},
		{func() { executor.New(executor.WithName("x"), nil) }, "New: option 2 of 2 is nil"},
		{func() { executor.New(executor.WithWorkers(0)) }, "New with 0 workers: want 1 to 65536"},
		{func() { executor.New(executor.WithWorkers(1 << 30)) }, "New with 1073741824 workers: want 1 to 65536"},

		{func() { executor.Go(nil, fn) }, "Go with a nil Spawner"},
		{func() { executor.Go(nilExecutor, fn) }, "Go with a nil Executor"},
		{func() { executor.Go(zero, fn) }, "Go with a zero Executor: use New"},
		{func() { executor.Go(nilGroup, fn) }, "Go with a nil TaskGroup"},
		{func() { executor.Go(new(executor.TaskGroup), fn) }, "Go with a zero TaskGroup: use Scope"},
		{func() { executor.Go(embeds{}, fn) }, "Go with a executor_test.embeds that has no Executor"},
		{func() { executor.Go[int](e, nil) }, "Go with a nil function"},
		{func() { executor.Go(e, fn, nil) }, "task option 1 of 1 is nil"},
		{func() { executor.Go(e, fn, executor.TaskName("x"), nil) }, "task option 2 of 2 is nil"},
		{func() { executor.Spawn(nil, ready) }, "Spawn with a nil Spawner"},
		{func() { executor.Spawn(nilExecutor, ready) }, "Spawn with a nil Executor"},
		{func() { executor.Spawn(e, ready, nil) }, "task option 1 of 1 is nil"},
		{func() { executor.Do(nil, do) }, "Go with a nil Spawner"},
		{func() { executor.Do(e, nil) }, "Do with a nil function"},
		{func() { executor.GoIn(nilGroup, fn) }, "Go with a nil TaskGroup"},
		{func() { executor.SpawnIn(nilGroup, ready) }, "Spawn with a nil TaskGroup"},
		{func() { executor.GoContext(nilContext, fn) }, "GoContext with a nil context"},
		{func() { executor.GoContext[int](t.Context(), nil) }, "GoContext with a nil function"},
		{func() { executor.TaskContext(nilContext) }, "TaskContext with a nil context"},
		{func() { executor.OnTaskEnd(nil) }, "OnTaskEnd with a nil function"},

		{func() { _ = executor.Scope(nilContext, group) }, "Scope with a nil context"},
		{func() { _ = executor.Scope(t.Context(), nil) }, "Scope with a nil function"},
		{func() { _ = executor.Supervise(nilContext, group) }, "Supervise with a nil context"},
		{func() { _ = executor.Supervise(t.Context(), nil) }, "Supervise with a nil function"},
		{func() { nilGroup.Context() }, "Context with a nil TaskGroup"},
		{func() { new(executor.TaskGroup).Context() }, "Context with a zero TaskGroup: use Scope"},
		{func() { _, _ = executor.Run(nilContext, fn) }, "Run with a nil context"},
		{func() { _, _ = executor.Run[int](t.Context(), nil) }, "Run with a nil function"},
		{func() { _ = executor.Yield(nilContext) }, "Yield with a nil context"},
		{func() { executor.FromContext(nilContext) }, "FromContext with a nil context"},

		{func() { _ = e.Shutdown(nilContext) }, "Shutdown with a nil context"},
		{func() { _ = nilExecutor.Shutdown(t.Context()) }, "Shutdown with a nil Executor"},
		{func() { _ = zero.Shutdown(t.Context()) }, "Shutdown with a zero Executor: use New"},
		{func() { _ = nilExecutor.Close() }, "Close with a nil Executor"},
		{func() { _ = zero.Close() }, "Close with a zero Executor: use New"},
		{func() { nilExecutor.Stats() }, "Stats with a nil Executor"},
		{func() { zero.Stats() }, "Stats with a zero Executor: use New"},
		{func() { nilExecutor.Tasks() }, "Tasks with a nil Executor"},
		{func() { zero.Tasks() }, "Tasks with a zero Executor: use New"},
		{func() { _ = nilExecutor.Dump(new(strings.Builder)) }, "Dump with a nil Executor"},
		{func() { _ = zero.Dump(new(strings.Builder)) }, "Dump with a zero Executor: use New"},
		{func() { _ = e.Dump(nil) }, "Dump with a nil Writer"},

		{func() { _, _, _ = nilHandle.Poll(nil) }, "Poll of a nil Handle"},
		{func() { _, _, _ = new(executor.Handle[int]).Poll(nil) }, "Poll of a zero Handle: use Go or Spawn"},
		{func() { nilHandle.Cancel() }, "Cancel of a nil Handle"},
		{func() { new(executor.Handle[int]).Cancel() }, "Cancel of a zero Handle: use Go or Spawn"},
		{func() { nilHandle.CancelCause(nil) }, "CancelCause of a nil Handle"},
		{func() { new(executor.Handle[int]).CancelCause(nil) }, "CancelCause of a zero Handle: use Go or Spawn"},
		{func() { nilHandle.Done() }, "Done of a nil Handle"},
		{func() { new(executor.Handle[int]).Done() }, "Done of a zero Handle: use Go or Spawn"},
		{func() { nilHandle.Holds(nil) }, "Holds of a nil Handle"},
		{func() { new(executor.Handle[int]).Holds(nil) }, "Holds of a zero Handle: use Go or Spawn"},
		{func() { nilHandle.OnDrop(func(int) {}) }, "OnDrop of a nil Handle"},
		{func() { new(executor.Handle[int]).OnDrop(func(int) {}) }, "OnDrop of a zero Handle: use Go or Spawn"},
		{func() { executor.Go(e, fn).OnDrop(nil) }, "OnDrop with a nil function"},
		{func() { nilHandle.Detach() }, "Detach of a nil Handle"},
		{func() { new(executor.Handle[int]).Detach() }, "Detach of a zero Handle: use Go or Spawn"},

		{func() { executor.NewRunnable(ready, nil) }, "NewRunnable with a nil schedule function"},
		{func() { executor.NewRunnable(ready, schedule, nil) }, "task option 1 of 1 is nil"},
		{func() { executor.NewRunnableFunc(nilContext, fn, schedule) }, "NewRunnableFunc with a nil context"},
		{func() { executor.NewRunnableFunc[int](t.Context(), nil, schedule) }, "NewRunnableFunc with a nil function"},
		{func() { executor.NewRunnableFunc(t.Context(), fn, nil) }, "NewRunnableFunc with a nil schedule function"},
		{func() { nilRunnable.Run() }, "Run of a nil Runnable"},
		{func() { new(executor.Runnable).Run() }, "Run of a zero Runnable: use NewRunnable"},
		{func() { nilRunnable.Schedule() }, "Schedule of a nil Runnable"},
		{func() { new(executor.Runnable).Schedule() }, "Schedule of a zero Runnable: use NewRunnable"},
		{func() { nilRunnable.WokenWhileRunning() }, "WokenWhileRunning of a nil Runnable"},
		{func() { new(executor.Runnable).WokenWhileRunning() }, "WokenWhileRunning of a zero Runnable: use NewRunnable"},
		{func() { nilRunnable.CancelCause(nil) }, "CancelCause of a nil Runnable"},
		{func() { new(executor.Runnable).CancelCause(nil) }, "CancelCause of a zero Runnable: use NewRunnable"},
		{func() { nilRunnable.Name() }, "Name of a nil Runnable"},
		{func() { new(executor.Runnable).Name() }, "Name of a zero Runnable: use NewRunnable"},
	}
	for _, tc := range tests {
		t.Run(tc.want, func(t *testing.T) {
			defer func() {
				if r := recover(); r != "executor: "+tc.want {
					t.Errorf("got the panic %v, want %q", r, "executor: "+tc.want)
				}
			}()
			tc.call()
		})
	}
}

// What is no misuse: a nil argument with a meaning.
func TestNilArgumentsWithAMeaning(t *testing.T) {
	e := executor.New(executor.WithLogger(nil), executor.WithRunner(nil))
	defer e.Close()
	if _, err := future.Await(t.Context(), executor.Spawn[int](e, nil)); err != future.ErrNil {
		t.Errorf("Spawn of a nil future: got %v, want ErrNil", err)
	}
	h := executor.Spawn(e, future.Never[int](), executor.TaskLogger(nil))
	h.CancelCause(nil)
	if _, err := future.Await(t.Context(), h); err != future.ErrCanceled {
		t.Errorf("CancelCause of nil: got %v, want ErrCanceled", err)
	}
	var none *executor.Handle[int]
	if s := fmt.Sprint(none, new(executor.Handle[int])); s != "handle of no task handle of no task" {
		t.Errorf("printed: %q", s)
	}
}
