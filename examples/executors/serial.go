package main

import (
	"context"
	"sync"

	"github.com/go-await/await/executor"
)

// A serial executor runs the tasks of one key one after the other, in the order in which
// they were spawned: the next begins when the one before has ended, however often that
// has waited in between. Tasks of different keys run at the same time. So the tasks of a
// key share what is the key's, an account for instance, without a lock.
type serial struct {
	ready chan readyTurn
	live  *live

	mu    sync.Mutex
	turns map[string][]*turn // of each key that has any; the first has begun
}

// A turn is a task, and the tasks that it starts itself: these need no turn of their own,
// since their parent may wait for them.
type turn struct {
	of    *serial
	key   string
	begun bool
	held  []*executor.Runnable        // what was scheduled before
	tasks map[*executor.Runnable]bool // that have not ended
}

type readyTurn struct {
	run *executor.Runnable
	of  *turn
}

// newSerial starts the workers.
func newSerial(workers int) *serial {
	s := &serial{ready: make(chan readyTurn, 1024), live: newLive(), turns: make(map[string][]*turn)}
	for range workers {
		go func() {
			for x := range s.ready {
				if s.live.run(x.run) {
					s.ended(x.of, x.run)
				}
			}
		}()
	}
	return s
}

// spawnFor runs fn as a task of the key. Its turn has a schedule function of its own,
// which is also that of the tasks that fn starts.
func spawnFor[T any](s *serial, key string, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	t := &turn{of: s, key: key, tasks: make(map[*executor.Runnable]bool)}
	r, h := executor.NewRunnableFunc(context.Background(), fn, t.schedule)
	s.mu.Lock()
	s.turns[key] = append(s.turns[key], t)
	t.begun = s.turns[key][0] == t
	s.mu.Unlock()
	r.Schedule()
	return h
}

// schedule hands a task to the workers, or holds it until its turn begins.
func (t *turn) schedule(r *executor.Runnable) {
	s := t.of
	if !s.live.add(r) {
		return
	}
	s.mu.Lock()
	t.tasks[r] = true
	begun := t.begun
	if !begun {
		t.held = append(t.held, r)
	}
	s.mu.Unlock()
	if begun {
		s.put(readyTurn{r, t})
	}
}

func (s *serial) put(x readyTurn) {
	select {
	case s.ready <- x:
	default:
		go func() { s.ready <- x }()
	}
}

// ended ends the turn of a task that was its last one, and begins the next of the key.
func (s *serial) ended(t *turn, r *executor.Runnable) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(t.tasks, r)
	turns := s.turns[t.key]
	if len(t.tasks) > 0 || len(turns) == 0 || turns[0] != t {
		return
	}
	if len(turns) == 1 {
		delete(s.turns, t.key)
		return
	}
	s.turns[t.key] = turns[1:]
	next := turns[1]
	next.begun = true
	for _, r := range next.held {
		s.put(readyTurn{r, next})
	}
	next.held = nil
}

// stop cancels the tasks, waits until they have ended, and ends the workers.
func (s *serial) stop() {
	s.live.stop()
	close(s.ready)
}
