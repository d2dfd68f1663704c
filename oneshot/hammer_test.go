package oneshot_test

import (
	"context"
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// go test ./oneshot -run Hammer -oneshot.hammer 10000000
var hammerMessages = flag.Int("oneshot.hammer", 100_000, "how many messages TestHammer sends")

// A parcel is a message that shows when it was torn or mixed up.
type parcel struct{ number, sum, product uint64 }

func pack(n uint64) parcel { return parcel{n, n + 0x9e3779b97f4a7c15, n * 0xbf58476d1ce4e5b9} }

// TestHammer sends messages between goroutines, by two racing Sends each, and
// receives them in every way. The checksums say whether each came once and
// whole.
func TestHammer(t *testing.T) {
	messages := *hammerMessages
	if testing.Short() {
		messages = min(messages, 20_000)
	}
	const lanes, batch = 4, 50
	var numbers, sent, received, refused atomic.Uint64
	endless, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wg sync.WaitGroup
	for lane := range lanes {
		// Two goroutines send in each lane, and race for every message.
		var toSend [2]chan []*oneshot.Sender[parcel]
		for i := range toSend {
			toSend[i] = make(chan []*oneshot.Sender[parcel], 2)
			wg.Go(func() {
				for txs := range toSend[i] {
					for _, tx := range txs {
						n := numbers.Add(1)
						switch err := tx.Send(pack(n)); err {
						case nil:
							sent.Add(n)
						case oneshot.ErrClosed:
							refused.Add(1)
						case oneshot.ErrSent:
						default:
							t.Errorf("Send: %v", err)
						}
					}
				}
			})
		}
		wg.Go(func() {
			defer close(toSend[0])
			defer close(toSend[1])
			rxs := make([]*oneshot.Receiver[parcel], batch)
			for n := 0; n < messages/lanes; n += batch {
				txs := make([]*oneshot.Sender[parcel], batch)
				for i := range txs {
					txs[i], rxs[i] = oneshot.New[parcel]()
				}
				toSend[0] <- txs
				toSend[1] <- txs
				for i, rx := range rxs {
					p, err := receiveSomehow(endless, rx, n+i+lane)
					if err != nil {
						t.Errorf("receive: %v", err)
					}
					if p != pack(p.number) {
						t.Errorf("torn: %x", p)
					}
					received.Add(p.number)
					if p, err := rx.TryRecv(); err != oneshot.ErrReceived {
						t.Errorf("received twice: %v, %v", p, err)
					}
				}
			}
		})
	}
	wg.Wait()
	if sent.Load() != received.Load() || refused.Load() != 0 {
		t.Errorf("checksum of what was sent %x, of what was received %x; %d refused", sent.Load(), received.Load(), refused.Load())
	}
}

// receiveSomehow receives in one of many ways.
func receiveSomehow(ctx context.Context, rx *oneshot.Receiver[parcel], how int) (parcel, error) {
	switch how % 8 {
	case 0:
		return rx.RecvContext(ctx)
	case 1:
		return rx.RecvTimeout(time.Hour)
	case 2:
		if p, err := rx.RecvTimeout(1); err != oneshot.ErrTimeout {
			return p, err
		}
		return rx.Recv()
	case 3:
		for {
			if p, err := rx.TryRecv(); err != oneshot.ErrEmpty {
				return p, err
			}
			runtime.Gosched()
		}
	case 4:
		return future.Await(ctx, rx)
	case 5: // poll with a waker that is given up, then wait
		if p, ready, err := rx.Poll(future.NewWaker(func() {})); ready {
			return p, err
		}
		return rx.Recv()
	case 6: // poll with a new waker each time
		for {
			woken := make(chan struct{}, 1)
			p, ready, err := rx.Poll(future.NewWaker(func() { woken <- struct{}{} }))
			if ready {
				return p, err
			}
			if how%3 == 0 {
				<-woken
			}
		}
	default:
		return rx.Recv()
	}
}

// TestHammerReceivers has receives and closes race as well: each message is
// received once, or refused, or let go by Close.
func TestHammerReceivers(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 1000
	}
	for round := range rounds {
		tx, rx := oneshot.New[parcel]()
		var wg sync.WaitGroup
		var sent, received atomic.Int32
		for i := range 2 {
			wg.Go(func() {
				if tx.Send(pack(uint64(i))) == nil {
					sent.Add(1)
				}
			})
			wg.Go(func() {
				p, err := rx.TryRecv()
				if round%2 == 0 && err == oneshot.ErrEmpty {
					p, err = rx.Recv()
				}
				if err == nil {
					received.Add(1)
					if p != pack(p.number) {
						t.Errorf("torn: %x", p)
					}
				}
			})
		}
		closes := round%3 == 0
		if closes {
			wg.Go(rx.Close)
		}
		wg.Wait()
		if _, err := rx.TryRecv(); err == nil {
			received.Add(1)
		}
		switch s, r := sent.Load(), received.Load(); {
		case s > 1, r > s, !closes && (s != 1 || r != 1):
			t.Fatalf("round %d: sent %d, received %d", round, s, r)
		}
	}
}
