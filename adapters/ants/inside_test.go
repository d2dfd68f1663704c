package ants

import (
	"context"
	"testing"

	"github.com/panjf2000/ants/v2"
)

// An invoker is a pool whose function calls tasks.
type invoker struct {
	*ants.MultiPoolWithFuncGeneric[func()]
}

func (i invoker) Submit(task func()) error { return i.Invoke(task) }

// A type that embeds a pool of ants is treated as that pool.
func TestOptionsAreFound(t *testing.T) {
	type wrapped struct{ *ants.Pool }
	type twice struct{ wrapped }
	type odd struct {
		*ants.Pool
		//lint:ignore U1000 a field of the name that a MultiPool's has
		pools []int
	}
	for _, o := range []ants.Options{{}, {Nonblocking: true}, {MaxBlockingTasks: 7}} {
		p, err := ants.NewPool(1, ants.WithOptions(o))
		if err != nil {
			t.Fatal(err)
		}
		m, err := ants.NewMultiPool(2, 1, ants.RoundRobin, ants.WithOptions(o))
		if err != nil {
			t.Fatal(err)
		}
		f, err := ants.NewMultiPoolWithFuncGeneric(2, 1, func(task func()) { task() }, ants.LeastTasks, ants.WithOptions(o))
		if err != nil {
			t.Fatal(err)
		}
		for i, pool := range []Pool{p, m, invoker{f}, &wrapped{p}, twice{wrapped{p}}, &odd{Pool: p}} {
			nonblocking, blocking := options(pool)
			if nonblocking != o.Nonblocking || blocking != o.MaxBlockingTasks {
				t.Errorf("%d: %v, %v, want %+v", i, nonblocking, blocking, o)
			}
		}
		p.Release()
		for _, release := range []func(context.Context) error{m.ReleaseContext, f.ReleaseContext} {
			if err := release(nil); err != nil { // do not wait
				t.Error(err)
			}
		}
	}
	if nonblocking, blocking := options(&twice{}); nonblocking || blocking != 0 {
		t.Error("options of a pool that is not there")
	}
}
