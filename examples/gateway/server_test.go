package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/future"
)

// A request that takes longer than the grace is cut off.
func TestCutOff(t *testing.T) {
	slow := newHeld()
	s, err := serve("127.0.0.1:0", slow, defaultLimits, slog.New(slog.DiscardHandler))
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
	if _, err := newGateway(config{addr: "256.0.0.0:1", debug: "127.0.0.1:0", workers: 1, queue: 1, log: slog.New(slog.DiscardHandler)}, []http.Handler{newHeld()}); err == nil {
		t.Error("it serves at an address that there is not")
	}
}

// limitedServer starts a server with these limits.
func limitedServer(t *testing.T, l limits, handler http.HandlerFunc) (addr string) {
	t.Helper()
	s, err := serve("127.0.0.1:0", handler, l, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(10 * time.Second); err != nil {
			t.Error(err)
		}
	})
	return strings.TrimPrefix(s.url, "http://")
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// A connection that does not get on with its request, or has none, is closed.
func TestSlowClients(t *testing.T) {
	const soon, late = 50 * time.Millisecond, time.Hour
	for _, tt := range []struct {
		reason string
		limits limits
		sent   string
		want   string
	}{
		{"half a header", limits{header: soon, read: late, write: late, idle: late, body: 100}, "GET / HTTP/1.1\r\nHost:", ""},
		{"half a body", limits{header: late, read: time.Second, write: late, idle: late, body: 100}, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 408 Request Timeout"},
		{"no next request", limits{header: late, read: late, write: late, idle: soon, body: 100}, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"},
	} {
		addr := limitedServer(t, tt.limits, func(http.ResponseWriter, *http.Request) {})
		c := dial(t, addr)
		io.WriteString(c, tt.sent)
		got, err := io.ReadAll(c)
		if first, _, _ := strings.Cut(string(got), "\r\n"); err != nil || first != tt.want {
			t.Errorf("%s: got %q, %v, want %q and the end", tt.reason, got, err, tt.want)
		}
	}
}

// A client that reads nothing does not keep a handler.
func TestClientThatReadsNothing(t *testing.T) {
	over := make(chan error, 1)
	addr := limitedServer(t, limits{header: time.Hour, read: time.Hour, write: 50 * time.Millisecond, idle: time.Hour, body: 100}, func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				over <- err
				return
			}
		}
	})
	io.WriteString(dial(t, addr), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-over; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// A body that is too large is refused, whether its size is said or not, and the
// handler does not see it.
func TestLargeBody(t *testing.T) {
	addr := limitedServer(t, defaultLimits, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path)
	})
	for _, tt := range []struct {
		reason string
		size   int
		said   bool
		status int
	}{
		{"as large as may be", int(defaultLimits.body), true, 200},
		{"as large as may be, in pieces", int(defaultLimits.body), false, 200},
		{"a byte more", int(defaultLimits.body) + 1, true, 413},
		{"a byte more, in pieces", int(defaultLimits.body) + 1, false, 413},
	} {
		var body io.Reader = strings.NewReader(strings.Repeat("x", tt.size))
		if !tt.said {
			body = struct{ io.Reader }{body}
		}
		req, err := http.NewRequest(http.MethodGet, "http://"+addr+"/", body)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		want := map[int]string{200: "/", 413: "the request is too large\n"}[tt.status]
		if res.StatusCode != tt.status || string(text) != want {
			t.Errorf("%s: got %d %q, want %d %q", tt.reason, res.StatusCode, text, tt.status, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// A client that asks before it sends too large a body is told not to.
func TestLargeBodyIsNotAskedFor(t *testing.T) {
	addr := limitedServer(t, defaultLimits, func(http.ResponseWriter, *http.Request) {})
	c := dial(t, addr)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n")
	// The server waits for the rest as long as for any request: the client goes away.
	if got, err := bufio.NewReader(c).ReadString('\n'); err != nil || got != "HTTP/1.1 413 Request Entity Too Large\r\n" {
		t.Errorf("got %q, %v, want 413", got, err)
	}
	c.Close()
}
