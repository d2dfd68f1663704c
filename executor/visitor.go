package executor

import (
	"slices"
	"sync"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/gid"
)

// Visitors are the goroutines that run code of an executor's tasks and are neither
// workers nor coroutines: they end tasks that never ran, unwind tasks that the Runner
// does not, or run the tasks of a kit's executor. The executor is not over before they
// have left.
//
// The mutex is not modelled: no step is taken while it is held.
type visitors struct {
	mu  sync.Mutex
	ids []gid.ID // of a goroutine that ends several tasks, one within the other, several times
}

// enter makes the calling goroutine a visitor. The caller owns a live task, so that
// the executor is not over.
func (e *Executor) enter() {
	e.open.Add(1)
	v := &e.visitors
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ids = append(v.ids, atomics.Goroutine())
}

// leave ends one visit of the calling goroutine.
func (e *Executor) leave() {
	v := &e.visitors
	v.mu.Lock()
	i, g := len(v.ids)-1, atomics.Goroutine()
	for v.ids[i] != g { // it came last, most often
		i--
	}
	v.ids = slices.Delete(v.ids, i, i+1)
	v.mu.Unlock()
	e.release()
}

// has reports whether the goroutine is a visitor.
func (v *visitors) has(g gid.ID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Contains(v.ids, g)
}
