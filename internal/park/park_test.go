package park_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/go-await/await/internal/park"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ExampleParker() {
	var p park.Parker
	p.OnWake()
	p.OnWake() // changes nothing
	p.Park()   // takes the wake that is kept

	result := 0
	go func() {
		result = 42
		p.OnWake()
	}()
	p.Park()
	fmt.Println(result)
	// Output: 42
}

// A parker waits durably in a bubble, and may be taken from one to another.
func TestInBubbles(t *testing.T) {
	var p park.Parker
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			time.AfterFunc(time.Hour, p.OnWake)
			p.Park()
			if got := time.Since(begin); got != time.Hour {
				t.Errorf("parked for %v", got)
			}
		})
	}
	p.OnWake()
	p.Park()
}

// Two goroutines wake each other in turn: no wake is lost, and what was written
// before a wake is seen after the park.
func TestPingPong(t *testing.T) {
	const rounds = 20_000
	var ping, pong park.Parker
	n := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for range rounds {
			ping.Park()
			n++
			pong.OnWake()
		}
	})
	for i := range rounds {
		ping.OnWake()
		pong.Park()
		if n != i+1 {
			t.Fatalf("round %d: %d", i, n)
		}
	}
	wg.Wait()
}

func TestAllocatesNothing(t *testing.T) {
	var p park.Parker
	if n := testing.AllocsPerRun(100, func() { p.OnWake(); p.Park() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPingPong(b *testing.B) {
	b.Run("Parker", func(b *testing.B) {
		b.ReportAllocs()
		var ping, pong park.Parker
		done := false
		var wg sync.WaitGroup
		wg.Go(func() {
			for ping.Park(); !done; ping.Park() {
				pong.OnWake()
			}
		})
		for b.Loop() {
			ping.OnWake()
			pong.Park()
		}
		done = true
		ping.OnWake()
		wg.Wait()
	})
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		ping, pong := make(chan struct{}, 1), make(chan struct{}, 1)
		var wg sync.WaitGroup
		wg.Go(func() {
			for range ping {
				pong <- struct{}{}
			}
		})
		for b.Loop() {
			ping <- struct{}{}
			<-pong
		}
		close(ping)
		wg.Wait()
	})
}
