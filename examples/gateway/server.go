package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-await/await/future"
)

// Limits are what a server lets a client take of its time and memory.
type limits struct {
	header time.Duration // to send a header
	read   time.Duration // to send a whole request
	write  time.Duration // to answer a request, and the client to read the answer
	idle   time.Duration // between two requests of a connection
	body   int64         // how many bytes a body may have
}

// defaultLimits are for requests that have no body to speak of. An answer that takes
// longer, as by -timeout, needs a larger write.
var defaultLimits = limits{
	header: 5 * time.Second,
	read:   10 * time.Second,
	write:  30 * time.Second,
	idle:   time.Minute,
	body:   4 << 10,
}

// A server is an HTTP server that serves.
type server struct {
	http   http.Server
	url    string
	served <-chan future.Result[struct{}] // why it does not serve any more
}

// serve starts a server at addr. What goes wrong with a connection is logged.
func serve(addr string, handler http.Handler, l limits, log *slog.Logger) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + listener.Addr().String()}
	s.http.Handler = readBody(handler, l.body)
	s.http.ReadHeaderTimeout = l.header
	s.http.ReadTimeout = l.read
	s.http.WriteTimeout = l.write
	s.http.IdleTimeout = l.idle
	s.http.MaxHeaderBytes = 16 << 10
	s.http.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	s.served = future.Chan(future.Go(func() (struct{}, error) {
		err := s.http.Serve(listener)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		return struct{}{}, err
	}))
	return s, nil
}

// readBody returns a handler that reads the body of a request to its end before it
// calls next, which needs none. A body of more than limit bytes is refused.
func readBody(next http.Handler, limit int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := error(&http.MaxBytesError{Limit: limit})
		if r.ContentLength <= limit { // or it is not asked for
			_, err = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, limit))
		}
		if err != nil {
			w.Header().Set("Connection", "close") // what else comes is not read
			switch {
			case errors.As(err, new(*http.MaxBytesError)):
				http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
			case errors.Is(err, os.ErrDeadlineExceeded):
				http.Error(w, "the request took too long", http.StatusRequestTimeout)
			default:
				http.Error(w, "the request is not complete", http.StatusBadRequest)
			}
			return
		}
		r.Body = http.NoBody
		next.ServeHTTP(w, r)
	})
}

// close ends the server. Open requests have the time grace for their end.
func (s *server) close(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-s.served
	return err
}
