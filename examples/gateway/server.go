package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/go-await/await/future"
)

// A server is an HTTP server that serves.
type server struct {
	http   http.Server
	url    string
	served <-chan future.Result[struct{}] // why it does not serve any more
}

// serve starts a server at addr.
func serve(addr string, handler http.Handler) (*server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + l.Addr().String()}
	s.http.Handler = handler
	s.served = future.Chan(future.Go(func() (struct{}, error) {
		err := s.http.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		return struct{}{}, err
	}))
	return s, nil
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
