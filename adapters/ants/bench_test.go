package ants_test

import (
	"fmt"
	"testing"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/oneshot"
)

func work() (int, error) { return 1, nil }

type result struct {
	v   int
	err error
}

// The task of all benchmarks, and what a user of the pool writes by hand.
func byHand(p *ants.Pool) <-chan result {
	ch := make(chan result, 1)
	if err := p.Submit(func() {
		v, err := work()
		ch <- result{v, err}
	}); err != nil {
		ch <- result{err: err}
	}
	return ch
}

func eachPool(b *testing.B, f func(b *testing.B, p *ants.Pool)) {
	for _, size := range []int{2, 100, 10_000} {
		b.Run(fmt.Sprintf("workers=%d", size), func(b *testing.B) {
			p, err := ants.NewPool(size)
			if err != nil {
				b.Fatal(err)
			}
			defer p.Release()
			b.ReportAllocs()
			f(b, p)
		})
	}
}

func BenchmarkOne(b *testing.B) {
	b.Run("chan", func(b *testing.B) {
		eachPool(b, func(b *testing.B, p *ants.Pool) {
			for b.Loop() {
				<-byHand(p)
			}
		})
	})
	b.Run("await", func(b *testing.B) {
		eachPool(b, func(b *testing.B, p *ants.Pool) {
			for b.Loop() {
				if _, err := antsx.Submit(p, work).Recv(); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkMany(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("n=%d/chan", n), func(b *testing.B) {
			eachPool(b, func(b *testing.B, p *ants.Pool) {
				chans := make([]<-chan result, n)
				for b.Loop() {
					for i := range chans {
						chans[i] = byHand(p)
					}
					for _, ch := range chans {
						<-ch
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
			})
		})
		b.Run(fmt.Sprintf("n=%d/await", n), func(b *testing.B) {
			eachPool(b, func(b *testing.B, p *ants.Pool) {
				rxs := make([]*oneshot.Receiver[int], n)
				for b.Loop() {
					for i := range rxs {
						rxs[i] = antsx.Submit(p, work)
					}
					for _, rx := range rxs {
						if _, err := rx.Recv(); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
			})
		})
	}
}
