//go:build !interleave

package current

import "github.com/go-await/await/internal/atomics"

// table is the process's.
var table Table

// Set enters the calling goroutine, which runs what is given and has not been
// entered.
func Set(e *Entry, runs any) { table.Set(atomics.Goroutine(), e, runs) }

// Remove removes the calling goroutine, which was entered with e.
func Remove(e *Entry) { table.Remove(e) }

// Get returns what the calling goroutine runs, or nil.
func Get() any {
	if table.IsEmpty() {
		return nil
	}
	return table.Get(atomics.Goroutine())
}
