package budget

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReason(t *testing.T) {
	for _, tc := range []struct{ key, value, want string }{
		{"-asan", "true", "-asan"},
		{"-gcflags", "all=-N -l", "-gcflags=all=-N -l"},
		{"-gcflags", "-l", "-gcflags=-l"},
		{"-gcflags", "-m", ""},
		{"-race", "true", ""}, // counts no more allocations
		{"GOARCH", "amd64", ""},
	} {
		if got := reason([]debug.BuildSetting{{Key: "-compiler", Value: "gc"}, {Key: tc.key, Value: tc.value}}); got != tc.want {
			t.Errorf("%s=%s: got %q, want %q", tc.key, tc.value, got, tc.want)
		}
	}
}
