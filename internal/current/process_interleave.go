//go:build interleave

package current

import (
	"sync"

	"github.com/go-await/await/internal/gid"
)

// table is the process's. It is no part of the models that run in it, whose
// goroutines come and go with each execution: Table has a model of its own.
var table sync.Map // gid.ID to what runs

// Set enters the calling goroutine, which runs what is given and has not been
// entered.
func Set(e *Entry, runs any) {
	e.id = gid.Current()
	table.Store(e.id, runs)
}

// Remove removes the calling goroutine, which was entered with e.
func Remove(e *Entry) { table.Delete(e.id) }

// Get returns what the calling goroutine runs, or nil.
func Get() any {
	runs, _ := table.Load(gid.Current())
	return runs
}
