package future_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-await/await/future"
)

func ExampleSettle() {
	f := future.Settle(future.Ready(1), future.Failed[int](errors.New("no")))
	results, _ := future.Await(context.Background(), f)
	for _, r := range results {
		fmt.Println(r.Value, r.Err)
	}
	// Output:
	// 1 <nil>
	// 0 no
}

func ExampleAny() {
	f := future.Any(
		future.Failed[string](errors.New("first mirror is down")),
		future.Ready("second mirror"),
		future.Never[string](),
	)
	fmt.Println(future.Await(context.Background(), f))
	// Output: second mirror <nil>
}

func ExampleJoin2() {
	f := future.Join2(future.Ready("answer"), future.Ready(42))
	p, err := future.Await(context.Background(), f)
	fmt.Println(p.A, p.B, err)
	// Output: answer 42 <nil>
}

func ExampleJoin3() {
	f := future.Join3(future.Ready("a"), future.Ready(1), future.Ready(true))
	fmt.Println(future.Await(context.Background(), f))
	// Output: {a 1 true} <nil>
}

func ExampleJoin4() {
	f := future.Join4(future.Ready("a"), future.Ready(1), future.Ready(true), future.Ready(0.5))
	fmt.Println(future.Await(context.Background(), f))
	// Output: {a 1 true 0.5} <nil>
}

func ExampleSelect2() {
	timer := future.After(time.Hour)
	e, err := future.Await(context.Background(), future.Select2(future.Ready("news"), timer))
	fmt.Println(e.Index, e.A, err)
	// Output: 0 news <nil>
}

func ExampleWithContext() {
	request, leave := context.WithCancelCause(context.Background())
	leave(errors.New("client has gone"))
	_, err := future.Await(context.Background(), future.WithContext(request, future.Never[int]()))
	fmt.Println(err)
	// Output: client has gone
}

func ExampleFromChan() {
	c := make(chan int)
	go func() { c <- 7 }()
	fmt.Println(future.Await(context.Background(), future.FromChan(c)))
	close(c)
	fmt.Println(future.Await(context.Background(), future.FromChan(c)))
	// Output:
	// 7 <nil>
	// 0 future: channel is closed
}

func ExampleSet() {
	ctx := context.Background()
	links := map[string][]string{"/": {"/a", "/b"}, "/b": {"/c"}}
	fetch := func(page string) future.Future[string] {
		return future.Go(func() (string, error) { return page, nil })
	}

	var set future.Set[string]
	set.Add(fetch("/"))
	var seen []string
	for set.Len() > 0 {
		r, err := future.Await(ctx, set.Next())
		if err != nil {
			set.Cancel()
			break
		}
		seen = append(seen, r.Value)
		for _, link := range links[r.Value] {
			set.Add(fetch(link))
		}
	}
	slices.Sort(seen)
	fmt.Println(seen)
	// Output: [/ /a /b /c]
}

func ExampleCompleted() {
	ctx := context.Background()
	slow := future.After(10 * time.Millisecond)
	fast := future.After(time.Millisecond)
	for i, r := range future.Completed(ctx, slow, fast) {
		fmt.Println(i, r.Err)
	}
	// Output:
	// 1 <nil>
	// 0 <nil>
}

func ExampleBuffered() {
	ctx := context.Background()
	squares := func(yield func(future.Future[int]) bool) {
		for n := 1; ; n++ {
			f := future.Go(func() (int, error) { return n * n, nil })
			if !yield(f) {
				return
			}
		}
	}
	for n, err := range future.Buffered(ctx, squares, 4) {
		if err != nil || n > 50 {
			break // cancels the rest
		}
		fmt.Print(n, " ")
	}
	// Output: 1 4 9 16 25 36 49
}

func ExampleShare() {
	computed := 0
	f := future.Share(future.Lazy(func() future.Future[int] {
		computed++
		return future.Ready(42)
	}))
	var wg sync.WaitGroup
	for range 3 {
		clone := f.Clone()
		wg.Go(func() { future.Await(context.Background(), clone) })
	}
	wg.Wait()
	fmt.Println(future.Await(context.Background(), f))
	fmt.Println("computed", computed, "times")
	// Output:
	// 42 <nil>
	// computed 1 times
}

// A Cache computes each value once, for all who ask while it is computed and
// after that. One who stops waiting takes nothing away from the others; when all
// have stopped, the computation is cancelled and begins anew for the next.
type Cache struct {
	mu      sync.Mutex
	entries map[string]*entry
	compute func(ctx context.Context, key string) (string, error)
}

type entry struct {
	value *future.Shared[string]
	users int // who wait
	done  bool
}

func (c *Cache) Get(ctx context.Context, key string) (string, error) {
	c.mu.Lock()
	e := c.entries[key]
	if e == nil {
		e = &entry{value: future.Share(future.GoContext(context.Background(),
			func(ctx context.Context) (string, error) { return c.compute(ctx, key) }))}
		c.entries[key] = e
	}
	e.users++
	mine := e.value.Clone()
	c.mu.Unlock()

	v, err := future.Await(ctx, mine)

	c.mu.Lock()
	defer c.mu.Unlock()
	e.users--
	e.done = e.done || err == nil
	if e.users == 0 && !e.done {
		e.value.Cancel() // the last clone
		delete(c.entries, key)
	}
	return v, err
}

// A keyed cache of shared futures: single-flight, without inheriting the
// cancellation of whoever came first.
func ExampleShared() {
	calls := 0
	cache := &Cache{
		entries: make(map[string]*entry),
		compute: func(ctx context.Context, key string) (string, error) {
			calls++
			return "value of " + key, nil
		},
	}
	impatient, cancel := context.WithCancel(context.Background())
	cancel()
	var wg sync.WaitGroup
	wg.Go(func() { cache.Get(impatient, "k") })
	for range 3 {
		wg.Go(func() {
			v, err := cache.Get(context.Background(), "k")
			if v != "value of k" {
				fmt.Println(v, err)
			}
		})
	}
	wg.Wait()
	fmt.Println(cache.Get(context.Background(), "k"))
	fmt.Println(len(cache.entries), "entry")
	// Output:
	// value of k <nil>
	// 1 entry
}
