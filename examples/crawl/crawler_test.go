package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/future"
)

// serve starts a site, and returns the address of its first page.
func serve(t *testing.T, handler http.HandlerFunc) *url.URL {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// answer is a page with a link in each line.
func answer(w http.ResponseWriter, links ...string) {
	w.Header().Set("Content-Type", "text/html")
	for _, l := range links {
		fmt.Fprintf(w, "<a href=%q>\n", l)
	}
}

// At most as many requests are out as there are workers, and that many are.
func TestBounded(t *testing.T) {
	const workers = 3
	var now, most atomic.Int32
	together := make(chan struct{})
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		if n > most.Load() {
			most.Store(n)
		}
		if r.URL.Path == "/" {
			var links []string
			for i := range 100 {
				links = append(links, fmt.Sprintf("/%d", i))
			}
			answer(w, links...)
			return
		}
		if n == workers {
			select {
			case <-together:
			default:
				close(together)
			}
		}
		<-together
		time.Sleep(time.Millisecond) // for one too many to come
	})
	var out strings.Builder
	broken, err := config{workers: workers, timeout: time.Minute}.check(t.Context(), start, &out, io.Discard)
	if want := "101 addresses, 100 links: 0 broken, 0 not followed\n"; broken || err != nil || out.String() != want {
		t.Errorf("got %v, %v, %q, want %q", broken, err, out.String(), want)
	}
	if most.Load() != workers {
		t.Errorf("%d requests at a time, want %d", most.Load(), workers)
	}
}

// A line is there before the slowest page is.
func TestAsTheyComplete(t *testing.T) {
	goOn := make(chan struct{})
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			answer(w, "slow", "gone")
		case "/slow":
			<-goOn
			answer(w, "/gone")
		default:
			http.NotFound(w, r)
		}
	})
	r, w := io.Pipe()
	over := make(chan error, 1)
	go func() {
		_, err := config{workers: 2, timeout: time.Minute}.check(context.Background(), start, w, io.Discard)
		w.Close()
		over <- err
	}()
	lines := bufio.NewScanner(r)
	for i, want := range []string{"/:2: \"gone\": 404 Not Found", "/slow:1: \"/gone\": 404 Not Found", "3 addresses, 3 links: 2 broken, 0 not followed"} {
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("got %q, want %q", lines.Text(), want)
		}
		if i == 0 {
			close(goOn)
		}
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// Progress is told while nothing comes, and the wait goes on after it.
func TestProgress(t *testing.T) {
	told := make(chan string)
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for range 2 {
			if got := <-told; got != "0 of 1 addresses\n" {
				t.Errorf("told %q", got)
			}
		}
		go func() {
			for range told {
			}
		}()
		answer(w)
	})
	var out strings.Builder
	_, err := config{workers: 1, timeout: time.Minute, progress: time.Millisecond}.check(t.Context(), start, &out, writerFunc(func(b []byte) (int, error) {
		told <- string(b)
		return len(b), nil
	}))
	close(told)
	if err != nil || !strings.HasPrefix(out.String(), "1 addresses") {
		t.Errorf("got %v, %q", err, out.String())
	}
}

// Progress is told each time the interval has passed, and not more often.
func TestInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, err := ants.NewPool(1)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Release()
		told := 0
		c := &crawler{
			pool: pool,
			client: &http.Client{Transport: transportFunc(func(*http.Request) (*http.Response, error) {
				time.Sleep(3500 * time.Millisecond)
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})},
			interval: time.Second,
			progress: func(done, known int) {
				if told++; told > 3 {
					t.Fatal("it is told too often")
				}
			},
		}
		for p, err := range c.pages(t.Context(), &url.URL{Scheme: "http", Host: "example.org"}) {
			if err != nil || p.problem != "" || p.address != "http://example.org/" {
				t.Errorf("got %+v, %v", p, err)
			}
		}
		if told != 3 {
			t.Errorf("it was told %d times in 3.5 s", told)
		}
	})
}

// A timeout that is not the loop's own ends it: that of a page, or of the context. The
// loop does not take it for its tick, again and again.
func TestTimeoutsOfOthersAreNoTick(t *testing.T) {
	pool, err := ants.NewPool(1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Release()
	for name, test := range map[string]struct {
		cause error // of the end of the context, or nil
		page  error // what the page fails with, or nil
	}{
		"page":                  {nil, future.ErrTimeout},
		"page, wrapped":         {nil, fmt.Errorf("lookup: %w", future.ErrTimeout)},
		"context":               {future.ErrTimeout, nil},
		"context, wrapped":      {fmt.Errorf("the site: %w", future.ErrTimeout), nil},
		"context and page":      {future.ErrTimeout, future.ErrTimeout},
		"deadline of a context": {context.DeadlineExceeded, nil},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		told := 0
		c := &crawler{
			pool: pool,
			client: &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
				if test.cause != nil {
					cancel(test.cause)
				}
				if test.page != nil {
					panic(test.page) // the error of the page's future then
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			})},
			interval: time.Hour,
			progress: func(int, int) {
				if told++; told > 3 {
					t.Fatalf("%s: the loop spins", name)
				}
			},
		}
		var last error
		for _, err := range c.pages(ctx, &url.URL{Scheme: "http", Host: "example.org"}) {
			last = err
		}
		want := test.cause
		if want == nil {
			want = test.page
		}
		if told != 0 || !errors.Is(last, want) {
			t.Errorf("%s: got %v after %d ticks, want %v and none", name, last, told, want)
		}
		cancel(nil)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// When the context ends the requests that are out are ended, and those that
// wait for a worker are not made.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	boom := errors.New("boom")
	var requests atomic.Int32
	ended := make(chan struct{})
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.Path == "/" {
			answer(w, "a", "b", "c")
			return
		}
		cancel(boom)
		<-r.Context().Done()
		close(ended)
	})
	_, err := config{workers: 1, timeout: time.Minute}.check(ctx, start, io.Discard, io.Discard)
	if !errors.Is(err, boom) {
		t.Errorf("got %v, want %v", err, boom)
	}
	<-ended
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// Who leaves before the end ends the requests that are out.
func TestLeft(t *testing.T) {
	came, ended := make(chan struct{}), make(chan struct{})
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			answer(w, "slow", "gone")
		case "/slow":
			close(came)
			<-r.Context().Done()
			close(ended)
		default:
			<-came
			http.NotFound(w, r)
		}
	})
	_, err := config{workers: 2, timeout: 20 * time.Second}.check(t.Context(), start, writerFunc(func([]byte) (int, error) {
		return 0, io.ErrClosedPipe // nobody reads the first line
	}), io.Discard)
	if err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("a request is still out")
	}
}

// A page that does not come because of an interrupt is not a broken one.
func TestInterruptedFetch(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrNoProgress)
	p, err := (&crawler{client: http.DefaultClient}).fetch(ctx, "http://127.0.0.1:0/")
	if p != nil || err != io.ErrNoProgress {
		t.Errorf("got %v, %v", p, err)
	}
}

// A page that takes too long is one that is not there.
func TestTimeout(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			answer(w, "slow")
			return
		}
		select {
		case <-r.Context().Done():
		case <-time.After(10 * time.Second):
		}
	})
	var out strings.Builder
	_, err := config{workers: 1, timeout: 500 * time.Millisecond}.check(t.Context(), start, &out, io.Discard)
	if want := "/:1: \"slow\": context deadline exceeded"; err != nil || !strings.HasPrefix(out.String(), want) {
		t.Errorf("got %v, %q, want %q", err, out.String(), want)
	}
}

// report returns what a crawl from start reports, with its lines in order.
func report(t *testing.T, start *url.URL) string {
	t.Helper()
	var out strings.Builder
	_, err := config{workers: 1, timeout: time.Minute}.check(t.Context(), start, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(slices.Sorted(strings.Lines(out.String())), "")
}

// A host alone is its first page.
func TestHostAlone(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, "http://"+r.Host, "http://"+r.Host+"#") })
	got := report(t, start)
	if want := "1 addresses, 2 links: 0 broken, 0 not followed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever refers to another page is a link.
func TestReferences(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
		case "/a":
			return
		default:
			http.NotFound(w, r)
			return
		}
		answer(w, " a ")
		io.WriteString(w, `<area href=area><link href="link"/>
			<img src=img><script src=script></script><iframe src=iframe></iframe>
			<audio src=audio></audio><video src=video></video><source src=source>
			<p href=no><a src=no><!-- <a href=no> -->`)
	})
	got := report(t, start)
	want := `/:2: "area": 404 Not Found
/:2: "link": 404 Not Found
/:3: "iframe": 404 Not Found
/:3: "img": 404 Not Found
/:3: "script": 404 Not Found
/:4: "audio": 404 Not Found
/:4: "source": 404 Not Found
/:4: "video": 404 Not Found
10 addresses, 9 links: 8 broken, 0 not followed
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// What goes wrong with a page is told where there is a link to it.
func TestProblems(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			answer(w, "none", "part", "bad", "plain#x", "located#x")
		case "/none":
			panic(http.ErrAbortHandler)
		case "/part":
			w.Header().Set("Content-Length", "1000")
			answer(w)
		case "/bad":
			answer(w, "/", "%zz", "nothing")
		case "/plain":
			w.Header().Set("Content-Type", "text/plain")
			io.WriteString(w, "only <a href='nowhere'>")
		case "/located": // that is for redirections only
			w.Header().Set("Location", "/nowhere")
			answer(w)
			io.WriteString(w, "<p id=x>")
		default:
			http.NotFound(w, r)
		}
	})
	got := report(t, start)
	want := `/:1: "none": EOF
/:2: "part": unexpected EOF
/bad:2: "%zz": not an address
/bad:3: "nothing": 404 Not Found
7 addresses, 8 links: 4 broken, 0 not followed
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Redirections are followed, as far as it makes sense.
func TestRedirections(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			answer(w, "old#here", "old#nowhere", "round", "gone", "away", "old#top")
		case "/old":
			http.Redirect(w, r, "new", http.StatusMovedPermanently)
		case "/new":
			answer(w)
			io.WriteString(w, `<p id="here">`)
		case "/round":
			http.Redirect(w, r, "round", http.StatusFound)
		case "/gone":
			http.Redirect(w, r, "nothing", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://example.org/", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	got := report(t, start)
	for _, want := range []string{
		"/:2: \"old#nowhere\": there is no such fragment\n",
		"/:3: \"round\": too many redirections\n",
		"/:4: \"gone\": 404 Not Found\n",
		"7 addresses, 6 links: 3 broken, 1 not followed\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%swithout %q", got, want)
		}
	}
}

// Ten redirections in a row are followed, and no more.
func TestHops(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); {
		case err != nil:
			answer(w, "10", "11")
		case n > 0:
			http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusFound)
		}
	})
	got := report(t, start)
	if want := "/:2: \"11\": too many redirections\n13 addresses, 2 links: 1 broken, 0 not followed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Of a page that is too large the beginning is read.
func TestLargePage(t *testing.T) {
	start := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			answer(w, "in")
			io.WriteString(w, strings.Repeat(" ", 10<<20))
			answer(w, "out")
		}
	})
	got := report(t, start)
	if want := "2 addresses, 1 links: 0 broken, 0 not followed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
