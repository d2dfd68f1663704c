package interleave

import (
	"iter"
	"slices"
	"testing"

	"github.com/go-await/await/internal/gid"
)

// Goroutines and coroutines have the same numbers in every run, whichever they
// really are.
func TestGoroutineNumbers(t *testing.T) {
	if got := Goroutine(); got != gid.Current() {
		t.Errorf("outside a model: %d", got)
	}
	Check(t, func(m *Model) {
		var word Uint32
		got := []gid.ID{Goroutine()}
		m.Go("other", func() {
			got = append(got, Goroutine(), Goroutine())
			word.Store(1)
		})
		word.Load()
		next, stop := iter.Pull(func(yield func(gid.ID) bool) {
			for yield(Goroutine()) {
			}
		})
		defer stop()
		for range 2 {
			id, _ := next()
			got = append(got, id)
		}
		got = append(got, Goroutine())
		m.Wait()
		if want := []gid.ID{1, 2, 2, 3, 3, 1}; !slices.Equal(got, want) {
			m.Fatalf("numbers %v", got)
		}
	}, Preemptions(2))
}
