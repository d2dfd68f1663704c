package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/go-await/await/future"
)

// A request that takes longer than the grace is cut off.
func TestCutOff(t *testing.T) {
	slow := newHeld()
	s, err := serve("127.0.0.1:0", slow)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	client := future.Go(func() (struct{}, error) {
		res, err := http.Get(s.url)
		if err == nil {
			err = res.Body.Close()
		}
		return struct{}{}, err
	})
	<-slow.came
	if err := s.close(time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	slow.gone(t)
	if _, err := future.Await(t.Context(), client); err == nil {
		t.Error("it got an answer")
	}
	if _, open := <-s.served; open {
		t.Error("it did not wait for its end")
	}
}

// A gateway that cannot be is taken down as far as it was built: goleak looks.
func TestNoAddress(t *testing.T) {
	if _, err := newGateway(config{addr: "256.0.0.0:1", workers: 1, queue: 1}, []http.Handler{newHeld()}); err == nil {
		t.Error("it serves at an address that there is not")
	}
}
