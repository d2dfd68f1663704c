package future_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-await/await/future"
)

// A badError panics when it is asked.
type badError struct{}

func (badError) Error() string { panic("no text") }

// The message of a PanicError is one line, whatever the value is.
func TestPanicErrorIsOneLine(t *testing.T) {
	boom := &future.PanicError{Value: "boom", Stack: []byte("stack")}
	for _, test := range []struct {
		err  *future.PanicError
		want string
	}{
		{boom, "panic: boom"},
		{&future.PanicError{Value: errors.New("oops")}, "panic: oops"},
		{&future.PanicError{Value: 42}, "panic: 42"},
		{&future.PanicError{}, "panic: <nil>"},
		{&future.PanicError{Value: "two\nlines\r\n\tand a tab\x1b[0m\u2028"}, `panic: two\nlines\r\n\tand a tab\x1b[0m\u2028`},
		{&future.PanicError{Value: errors.Join(io.EOF, io.ErrNoProgress)}, `panic: EOF\nmultiple Read calls return no data or error`},
		{&future.PanicError{Value: "wörter 日本"}, "panic: wörter 日本"},
		{&future.PanicError{Value: boom}, "panic: boom"},
		{&future.PanicError{Value: &future.PanicError{Value: boom}}, "panic: boom"},
		{&future.PanicError{Value: fmt.Errorf("again: %w", boom)}, "panic: again: panic: boom"},
		{&future.PanicError{Value: badError{}}, "panic: %!v(PANIC=Error method: no text)"},
		{&future.PanicError{Value: (*future.PanicError)(nil)}, "panic: panic: nil *PanicError"},
		{nil, "panic: nil *PanicError"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
		for _, format := range []string{"%v", "%s"} {
			if got := fmt.Sprintf(format, test.err); got != test.want {
				t.Errorf("%s: got %q, want %q", format, got, test.want)
			}
		}
	}
	if got := fmt.Sprintf("%q|%14s|%-14v|%x", boom, boom, boom, boom); got != `"panic: boom"|   panic: boom|panic: boom   |70616e69633a20626f6f6d` {
		t.Errorf("got %s", got)
	}
	var none *future.PanicError
	if none.Unwrap() != nil {
		t.Error("a nil PanicError wraps something")
	}
}

// The format %+v and logs show the function that panicked, and neither the runtime's
// frames nor those of this module.
func TestPanicErrorShowsTheStackOfTheUser(t *testing.T) {
	_, err := future.Await(background, future.Go(explode))
	long := fmt.Sprintf("%+v", err)
	line, stack, _ := strings.Cut(long, "\n\n")
	if line != "panic: test error" {
		t.Errorf("begins with %q, want the message", line)
	}
	var text, json bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Error("failed", "err", err)
	slog.New(slog.NewJSONHandler(&json, nil)).Error("failed", "err", err)
	for name, got := range map[string]string{"%+v": stack, "text log": text.String(), "JSON log": json.String()} {
		if !strings.Contains(got, "future_test.explode") {
			t.Errorf("%s does not show where it happened: %s", name, got)
		}
		for _, frame := range []string{"debug.Stack", "Recovered", "panic(", "goroutine[", "future/go.go"} {
			if strings.Contains(got, frame) {
				t.Errorf("%s shows %s: %s", name, frame, got)
			}
		}
	}
	if !strings.HasPrefix(stack, "goroutine ") {
		t.Errorf("the stack begins with %q, want the goroutine", stack)
	}
	if !strings.Contains(text.String(), `err.value="test error"`) || !strings.Contains(json.String(), `"err":{"value":"test error","stack":"goroutine`) {
		t.Errorf("logs have no attribute of the value: %s%s", text.String(), json.String())
	}
	var p *future.PanicError
	if !errors.As(err, &p) || !strings.Contains(string(p.Stack), "panic(") || !strings.Contains(string(p.Stack), "future.Go") {
		t.Errorf("Stack is not whole: %s", p.Stack)
	}
}

// One that carries another shows that once, with the stack of the first panic.
func TestPanicErrorCarriesAnother(t *testing.T) {
	first := &future.PanicError{Value: "boom", Stack: []byte("goroutine 1 [running]:\nmain.first()\n\t/main.go:1\n")}
	again := &future.PanicError{Value: first, Stack: []byte("goroutine 2 [running]:\nmain.again()\n\t/main.go:2\n")}
	if got := fmt.Sprintf("%+v", again); strings.Count(got, "boom") != 1 || !strings.Contains(got, "main.first") || strings.Contains(got, "main.again") {
		t.Errorf("got %s, want the first panic once", got)
	}
	if v := again.LogValue().Group(); len(v) != 2 || v[0].Value.String() != "boom" || !strings.Contains(v[1].Value.String(), "main.first") {
		t.Errorf("got %v, want the first panic", v)
	}
	if !errors.Is(again, first) {
		t.Error("the first one is not found by errors.Is")
	}
}

func TestTrimStack(t *testing.T) {
	const ours = "github.com/go-await/await/"
	for _, test := range []struct {
		call, file string
		shown      bool
	}{
		{"main.main()", "/home/me/main.go:3 +0x1d", true},
		{"example.org/x/future.(*T).run(0xc000012345)", "/x/future/t.go:3", true},
		{"panic({0x1, 0x2})", "/go/src/runtime/panic.go:860 +0x13a", false},
		{"runtime.goPanicIndex(0x5, 0x3)", "/go/src/runtime/panic.go:115", false},
		{"runtime/debug.Stack()", "/go/src/runtime/debug/stack.go:26", false},
		{"iter.Pull[...].func1()", "/go/src/iter/iter.go:301", false},
		{ours + "future.(*mapped[...]).Poll(0xc000012345, 0x0)", "/await/future/map.go:30", false},
		{ours + "adapters/ants.Submit[...].func1()", "/await/adapters/ants/submit.go:30", false},
		{"created by " + ours + "future.Go[...] in goroutine 7", "/await/future/go.go:24", false},
		{"created by main.main in goroutine 1", "/home/me/main.go:24", true},
		{ours + "future_test.TestX(0xc000012345)", "/await/future/x_test.go:30", true},
		{ours + "executor.TestX(0xc000012345)", "/await/executor/x_test.go:30", true},
		{ours + "examples/executors/pool.run()", "/await/examples/executors/pool/run.go:30", true},
		{"main.(*server).handle(...)", "/x/server.go:8", true},
	} {
		const user = "main.user()\n\t/main.go:1\n"
		e := &future.PanicError{Stack: []byte("goroutine 5 [running]:\n" + user + test.call + "\n\t" + test.file + "\n")}
		got := fmt.Sprintf("%+v", e)
		if strings.Contains(got, test.call) != test.shown || strings.Contains(got, test.file) != test.shown || !strings.Contains(got, user) {
			t.Errorf("%s: shown %v, want %v: %s", test.call, !test.shown, test.shown, got)
		}
	}
	// What is no stack, or has no frame of the user, is shown as it is.
	for _, whole := range []string{"no stack at all", "goroutine 1 [running]:\npanic(0x1)\n\t/panic.go:1\n", "goroutine 1 [running]:\nmain.f()\n\t/f.go:1\n...17 frames elided...\nmain.g()\n\t/g.go:1\n"} {
		if got := fmt.Sprintf("%+v", &future.PanicError{Value: 1, Stack: []byte(whole)}); got != "panic: 1\n\n"+whole {
			t.Errorf("got %q, want the stack as it is", got)
		}
	}
}
