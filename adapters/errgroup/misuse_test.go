package errgroup_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// panicOf returns what fn panics with, as text, or "".
func panicOf(fn func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	fn()
	return ""
}

// A nil argument is a panic that names the function and the argument, before anything
// else happens.
func TestNilArguments(t *testing.T) {
	e := newExecutor(t, 1)
	g := new(errgroup.Group)
	g.SetLimit(1) // it is not to be used up
	var noCtx context.Context
	var noGroup *errgroup.Group
	var noExecutor *executor.Executor
	fn := func() (int, error) { return 1, nil }
	task := func(context.Context) (int, error) { return 1, nil }
	tests := []struct {
		call func()
		want string
	}{
		{func() { errgroup.WithContext(noCtx) }, "errgroup: WithContext: ctx is nil"},
		{func() { noGroup.Go(func() error { return nil }) }, "errgroup: Group.Go: the group is nil"},
		{func() { noGroup.TryGo(func() error { return nil }) }, "errgroup: Group.TryGo: the group is nil"},
		{func() { _ = noGroup.Wait() }, "errgroup: Group.Wait: the group is nil"},
		{func() { noGroup.WaitFuture() }, "errgroup: Group.WaitFuture: the group is nil"},
		{func() { noGroup.SetLimit(1) }, "errgroup: Group.SetLimit: the group is nil"},
		{func() { noGroup.SetLimit(-1) }, "errgroup: Group.SetLimit: the group is nil"},
		{func() { g.Go(nil) }, "errgroup: Group.Go: f is nil"},
		{func() { g.TryGo(nil) }, "errgroup: Group.TryGo: f is nil"},
		{func() { errgroup.Go(nil, fn) }, "errgroup: Go: g is nil"},
		{func() { errgroup.Go[int](g, nil) }, "errgroup: Go: fn is nil"},
		{func() { errgroup.TryGo(nil, fn) }, "errgroup: TryGo: g is nil"},
		{func() { errgroup.TryGo[int](g, nil) }, "errgroup: TryGo: fn is nil"},
		{func() { errgroup.Do(nil, func() error { return nil }) }, "errgroup: Do: g is nil"},
		{func() { errgroup.Do(g, nil) }, "errgroup: Do: fn is nil"},
		{func() { errgroup.GoTask(nil, e, task) }, "errgroup: GoTask: g is nil"},
		{func() { errgroup.GoTask(g, nil, task) }, "errgroup: GoTask: s is nil"},
		{func() { errgroup.GoTask(g, noExecutor, task) }, "errgroup: GoTask: s: executor: Go with a nil Executor"},
		{func() { errgroup.GoTask(g, new(executor.Executor), task) }, "errgroup: GoTask: s: executor: Go with a zero Executor: use New"},
		{func() { errgroup.GoTask(g, new(executor.TaskGroup), task) }, "errgroup: GoTask: s: executor: Go with a zero TaskGroup: use Scope"},

		{func() { errgroup.GoTask[int](g, e, nil) }, "errgroup: GoTask: fn is nil"},
	}
	for _, tc := range tests {
		if got := panicOf(tc.call); got != tc.want {
			t.Errorf("got panic %q, want %q", got, tc.want)
		}
	}
	if err := g.Wait(); err != nil {
		t.Errorf("Wait: got %v, want nil: nothing was added", err)
	}
}

// The zero Group is a group.
func TestZeroGroup(t *testing.T) {
	e := newExecutor(t, 1)
	var g errgroup.Group
	if err := g.Wait(); err != nil {
		t.Errorf("Wait of an empty group: got %v, want nil", err)
	}
	if _, err := future.Await(t.Context(), g.WaitFuture()); err != nil {
		t.Errorf("WaitFuture of an empty group: got %v, want nil", err)
	}
	g.Go(func() error { return nil })
	rx := errgroup.Go(&g, func() (int, error) { return 1, nil })
	h := errgroup.GoTask(&g, e, func(context.Context) (int, error) { return 2, nil })
	if err := g.Wait(); err != nil {
		t.Errorf("Wait: got %v, want nil", err)
	}
	for i, f := range []future.Future[int]{rx, h} {
		if v, ready, err := f.Poll(nil); v != i+1 || !ready || err != nil {
			t.Errorf("result %d after Wait: got %v, %v, %v", i, v, ready, err)
		}
	}
	var limited errgroup.Group
	limited.SetLimit(-1)
	if !limited.TryGo(func() error { return nil }) {
		t.Error("TryGo without a limit: got false, want true")
	}
	if err := limited.Wait(); err != nil {
		t.Errorf("Wait: got %v, want nil", err)
	}
}
