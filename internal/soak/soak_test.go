package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	runtime.MemProfileRate = profileRate
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	ants.Release() // the pool that importing ants makes
	goleak.VerifyTestMain(m)
}

// Each kind brings all values back, and leaves nothing.
func TestKinds(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := newSoak([]kind{k})
			for range 3 {
				s.operate(k, &s.ledgers[0])
			}
			if err := s.ledgers[0].check(); err != nil {
				t.Error(err)
			}
			if err := s.house.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The rounds of the tests are long enough for one operation that takes a turn.
const (
	testRounds = 12
	testLength = turn
)

// slow makes run take a turn, so that few operations fit into a round.
func slow(run func(*house, *batch) error) kind {
	return kind{"planted", func(h *house, b *batch) error {
		time.Sleep(turn)
		return run(h, b)
	}}
}

// wantError fails the test unless err has the text, or is nil if the text is empty.
func wantError(t *testing.T, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case text != "" && (err == nil || !strings.Contains(err.Error(), text)):
		t.Errorf("got %v, want an error with %q", err, text)
	}
}

// A leak of each resource is reported, and no leak is not.
func TestPlantedLeaks(t *testing.T) {
	var mu sync.Mutex
	var kept []any
	keep := func(v any) {
		mu.Lock()
		defer mu.Unlock()
		kept = append(kept, v)
	}
	var left sync.WaitGroup
	end := make(chan struct{})
	for _, tt := range []struct {
		want string
		leak func()
	}{
		{"", func() {}},
		{"heap grew by", func() { keep(make([]byte, 64<<10)) }},
		{"goroutines grew by", func() {
			for range 100 {
				left.Go(func() { <-end })
			}
		}},
		{"threads grew by", func() {
			locked := make(chan struct{})
			left.Go(func() {
				runtime.LockOSThread() // to the end, so that the thread ends too
				close(locked)
				<-end
			})
			<-locked
		}},
		{"timers grew by", func() {
			for range 100 {
				keep(time.AfterFunc(time.Hour, func() {}))
			}
		}},
	} {
		t.Run(tt.want, func(t *testing.T) {
			s := newSoak([]kind{slow(func(*house, *batch) error { tt.leak(); return nil })})
			wantError(t, s.run(testRounds, testLength), tt.want)
		})
	}
	close(end)
	left.Wait()
	for _, v := range kept {
		if timer, ok := v.(*time.Timer); ok {
			timer.Stop()
		}
	}
}

// A value that is lost, comes twice or is another one is reported, and so are failures.
func TestPlantedFaults(t *testing.T) {
	for _, tt := range []struct {
		want string
		run  func(*house, *batch) error
	}{
		{"4 values were sent, and 3 came back", func(_ *house, b *batch) error {
			b.back(b.send())
			if b.send() == 4 {
				b.out.Done()
				return nil
			}
			b.back(2)
			return nil
		}},
		{"of 4 values others came back", func(_ *house, b *batch) error {
			v := b.send()
			b.send()
			b.back(v)
			b.back(v)
			return nil
		}},
		{errPlanned.Error() + "\nand 1 failures more", func(*house, *batch) error { return errPlanned }},
		{"panic: doom", func(*house, *batch) error { panic("doom") }},
	} {
		t.Run(tt.want, func(t *testing.T) {
			s := newSoak([]kind{{"planted", tt.run}})
			n := 2
			if strings.Contains(tt.want, "more") {
				n = maxFailures + 1
			}
			for range n {
				s.operate(s.kinds[0], &s.ledgers[0])
			}
			wantError(t, s.ledgers[0].check(), tt.want)
			if err := s.house.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// An operation that does not end is named, with the stacks.
func TestStuckOperation(t *testing.T) {
	end, ended := make(chan struct{}), make(chan struct{}, drivers)
	s := newSoak([]kind{{"planted", func(*house, *batch) error {
		<-end
		ended <- struct{}{}
		return nil
	}}})
	s.patience = 0
	err := s.run(testRounds, testLength)
	wantError(t, err, "operations do not end: planted")
	wantError(t, err, "TestStuckOperation")
	close(end)
	<-ended
	if err := s.house.close(); err != nil {
		t.Error(err)
	}
}

// What the log gets is counted, and too many lost failures are reported.
func TestLogIsBounded(t *testing.T) {
	s := newSoak([]kind{slow(func(*house, *batch) error { return nil })})
	log := slog.New(s.log).With("a", 1).WithGroup("g")
	for range maxLostRecords {
		log.Error(lostMessage)
	}
	wantError(t, s.run(testRounds, testLength), "")
	log.Error(lostMessage)
	s.house = newHouse()
	wantError(t, s.run(0, 0), fmt.Sprint(maxLostRecords+1)+" records \""+lostMessage)
}

// Samples that are too large now and then are no growth.
func TestGrown(t *testing.T) {
	flat := func() []sample {
		samples := make([]sample, 40)
		for i := range samples {
			samples[i] = sample{heap: 1 << 20, goroutines: 50, threads: 5, timers: 20}
		}
		return samples
	}
	for _, tt := range []struct {
		name, want string
		change     func(i int, s *sample)
	}{
		{"flat", "", func(int, *sample) {}},
		{"all but one in ten are large", "", func(i int, s *sample) {
			if i%10 != 5 {
				s[heap], s[goroutines], s[threads], s[timers] = 1<<30, 1<<20, 1<<10, 1<<20
			}
		}},
		{"grows while it warms up", "", func(i int, s *sample) { s[heap] += min(i, 10) << 20 }},
		{"falls", "", func(i int, s *sample) { s[heap] -= i << 10 }},
		{"grows by little", "", func(i int, s *sample) { s[threads] += i / 10 }},
		{"grows", "threads grew by 200, from 105 to 305: more than", func(i int, s *sample) { s[threads] += 10 * i }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			samples := flat()
			for i := range samples {
				tt.change(i, &samples[i])
			}
			wantError(t, grown(samples), tt.want)
		})
	}
	wantError(t, grown(flat()[:minSamples-1]), "7 samples are too few")
	wantError(t, grown(flat()[:minSamples]), "")
}

type noWriter struct{}

var errWrite = errors.New("no space")

func (noWriter) Write([]byte) (int, error) { return 0, errWrite }

// The report has a row for each kind and each sample. If it cannot be written that is an
// error.
func TestReport(t *testing.T) {
	ok := slow(func(_ *house, b *batch) error { b.back(b.send()); return nil })
	var out bytes.Buffer
	if err := report(&out, newSoak([]kind{ok}), rounds*testLength, true); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	lines := strings.Split(out.String(), "\n")
	if got, want := len(lines), 1+2+1+1+rounds+2; got < want {
		t.Errorf("got %d lines, want at least %d: %s", got, want, &out)
	}
	if !strings.Contains(out.String(), "planted") || !strings.Contains(out.String(), "1 kinds") {
		t.Errorf("got %s, want the kinds", &out)
	}
	err := report(noWriter{}, newSoak([]kind{ok}), rounds*testLength, true)
	if !errors.Is(err, errWrite) {
		t.Errorf("got %v, want %v", err, errWrite)
	}
}
