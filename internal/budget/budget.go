// Package budget says whether a test may count allocations and bytes.
//
// What a value costs is promised for builds with optimization. Without it more values
// escape to the heap, and the address sanitizer puts red zones around each.
package budget

import (
	"runtime/debug"
	"strings"
	"testing"
)

// Check skips a test of allocations or sizes if it is built in a way in which these are
// others, and says how.
func Check(tb testing.TB) {
	tb.Helper()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	if why := reason(info.Settings); why != "" {
		tb.Skip("allocations and sizes are others with " + why)
	}
}

// reason returns the flag that changes what is allocated, or "".
func reason(settings []debug.BuildSetting) string {
	for _, s := range settings {
		switch {
		case s.Key == "-asan" && s.Value == "true":
			return "-asan"
		case s.Key == "-gcflags" && (strings.Contains(s.Value, "-N") || strings.Contains(s.Value, "-l")):
			return "-gcflags=" + s.Value
		}
	}
	return ""
}
