package interleave_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unsafe"

	. "github.com/go-await/await/internal/interleave"
)

// Outside a model the types do what their namesakes do.
func TestOutsideAModel(t *testing.T) {
	var x Uint32
	var y Uint64
	var p Pointer[int]
	var lock Mutex
	c := Cond{L: &lock}
	waiting := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				x.Add(1)
				for old := y.Load(); !y.CompareAndSwap(old, old+1); old = y.Load() {
				}
			}
			lock.Lock()
			defer lock.Unlock()
			Write(unsafe.Pointer(&waiting))
			if waiting++; waiting == 4 {
				c.Broadcast()
			}
			for waiting < 4 {
				c.Wait()
			}
		})
	}
	wg.Wait()
	if x.Load() != 4000 || y.Load() != 4000 || waiting != 4 {
		t.Errorf("%d %d %d", x.Load(), y.Load(), waiting)
	}
	if v := new(int); p.Swap(v) != nil || !p.CompareAndSwap(v, nil) || p.Load() != nil {
		t.Error("Pointer is no atomic.Pointer")
	}
	if x.Swap(6); x.And(3) != 6 || x.Or(8) != 2 || x.Load() != 10 {
		t.Errorf("Uint32 is %d", x.Load())
	}
	if !lock.TryLock() || lock.TryLock() {
		t.Error("TryLock")
	}
	lock.Unlock()
	c.Signal()
	pool := Pool{New: func() any { return 1 }}
	if pool.Put(1); pool.Get() != any(1) || new(Pool).Get() != nil {
		t.Error("Pool")
	}
	mustPanic(t, "outside the model", func() { new(Model).Wait() })
}

// A goroutine that is none of the model's does not disturb it.
func TestBystander(t *testing.T) {
	var x Uint32
	var lock Mutex
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				lock.Lock()
				x.Add(1)
				lock.Unlock()
			}
		}
	})
	want, _ := Explore(programs[1].run)
	for range 100 {
		if got, failure := Explore(programs[1].run); failure != nil || got != want {
			t.Fatalf("%v, %v, want %v", got, failure, want)
		}
	}
	close(stop)
	wg.Wait()
}

func mustPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); !strings.Contains(fmt.Sprint(r), text) {
			t.Errorf("panic %v, want %q in it", r, text)
		}
	}()
	f()
}
