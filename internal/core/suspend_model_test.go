//go:build interleave

package core

import (
	"context"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
)

// A modelTask is a Suspender that parks its goroutine.
type modelTask struct{ parked }

func (t *modelTask) Enter() (*future.Waker, uint32) { return &t.waker, 0 }

func (t *modelTask) Suspend(ctx context.Context, _ any, _ uint32) uint32 {
	if ctx.Done() != nil {
		defer atomics.ContextAfterFunc(ctx, t.OnWake)()
	}
	t.Park()
	return 0
}

// inTask does op in a task.
func inTask(op receiverOp) receiverOp {
	do := op.do
	op.name += " of a task"
	op.large = true
	op.do = func(t *trial) {
		task := new(modelTask)
		task.waker.Init(task)
		var e current.Entry
		current.Set(&e, task)
		defer current.Remove(&e)
		do(t)
	}
	return op
}

// A receive that suspends a task is as one that blocks a goroutine.
func TestModelSuspended(t *testing.T) {
	find := func(name string) receiverOp {
		for _, op := range receiverOps {
			if op.name == name {
				return op
			}
		}
		panic(name)
	}
	for _, name := range []string{"Recv", "RecvTimeout", "RecvContext"} {
		r := inTask(find(name))
		for _, s := range senderOps {
			check(t, r.name+"/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r}})
			for _, other := range []string{"TryRecv", "Close", "Recv", "RecvTimeout"} {
				check(t, r.name+" + "+other+"/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r}, {find(other)}})
			}
			for _, before := range []string{"Poll Cancel", "RecvTimeout"} {
				check(t, before+", "+r.name+"/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{find(before), r}})
			}
			if name != "Recv" { // a Poll replaces the waker of a task for good
				check(t, r.name+" + Poll/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r}, {find("Poll")}})
			}
			check(t, r.name+", RecvTimeout/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r, inTask(find("RecvTimeout"))}})
		}
	}
}
