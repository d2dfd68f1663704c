package ants_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Upstream's own tests of Submit, and what they run through here. Two are slow:
// they wait for purges by the clock. One asks of a nonblocking pool to have a
// worker back at the moment when its function has ended, which it may not have.
// An executor has as many workers as it was made with, queues what finds none, and
// takes its turn with the pool: tests of how Submit blocks, of Running, and of
// Tune say nothing about it. Its panics are results. So for each test that is not
// run as it is, there is one here that asks the same.
var upstreamTests = []struct {
	name             string
	submit, executor bool
	counterpart      string // of what is not run
}{
	{"TestAntsPool", true, true, ""},
	{"TestAntsPoolWaitToGetWorker", true, true, ""},
	{"TestAntsPoolWaitToGetWorkerPreMalloc", true, true, ""},
	{"TestAntsPoolGetWorkerFromCache", true, true, ""},
	{"TestRebootNewPool", true, true, ""},
	{"TestRebootNewPoolCalc", true, true, ""},
	{"TestRebootNewPoolWithPreAllocCalc", true, true, ""},
	{"TestWithDisablePurgePool", true, true, ""},
	{"TestReleaseTimeout", true, true, ""},
	{"TestReleaseContextWithNil", true, true, ""},
	{"TestInfinitePool", true, false, "TestManyOnEveryPool"},
	{"TestMaxBlockingSubmit", true, false, "TestFullPool"},
	{"TestReleaseWhenRunningPool", true, false, "TestExecutorReleasedPool"},
	{"TestPoolTuneScaleUp", true, false, "TestTune"},
	{"TestMultiPool", true, false, "TestManyOnEveryPool"},
	{"TestMultiPoolReleaseContext", true, false, "TestReleaseWhileEverythingWaits"},
	{"TestNonblockingSubmit", false, false, "TestFullPool"},
	{"TestPanicHandler", false, false, "TestPanicsOnEveryPool"},
	{"TestPanicHandlerPreMalloc", false, false, "TestPanicsOnEveryPool"},
	{"TestPoolPanicWithoutHandler", false, false, "TestPanicsOnEveryPool"},
	{"TestPoolPanicWithoutHandlerPreMalloc", false, false, "TestPanicsOnEveryPool"},
	{"TestPurgePool", false, false, "TestPurgedOnEveryPool"},
	{"TestPurgePreMallocPool", false, false, "TestPurgedOnEveryPool"},
	{"TestWithDisablePurgeAndWithExpirationPool", false, false, "TestPurgedOnEveryPool"},
	{"TestRestCodeCoverage", false, false, "TestTune"},

	// Not of Submit of a pool: no pool at all, and the default one.
	{"TestNoPool", false, false, "TestOwnPool"},
	{"TestRebootDefaultPool", false, false, "TestRelease"},
	{"TestDefaultPoolReleaseTimeout", false, false, "TestRelease"},
	{"TestDefaultPoolReleaseContext", false, false, "TestRelease"},
}

// Upstream's tests of Submit, taken from the module cache, pass on pools whose
// functions go through Submit of this package, and through an executor on the
// pool. Of their text two things are changed: the import path, which leads to
// testdata/ants, and how many tasks there are and how long they take.
func TestUpstreamSuite(t *testing.T) {
	source := goList(t, "-m", "-f", "{{.Dir}}", "github.com/panjf2000/ants/v2")
	text := readFile(t, filepath.Join(source, "ants_test.go"))
	known := make(map[string]bool)
	own := ownTests(t)
	run := make(map[string][]string)
	for _, u := range upstreamTests {
		known[u.name] = true
		if u.submit {
			run["submit"] = append(run["submit"], u.name)
		}
		if u.executor {
			run["executor"] = append(run["executor"], u.name)
		}
		if !(u.submit && u.executor) && !own[u.counterpart] {
			t.Errorf("%s is not run, and there is no %q", u.name, u.counterpart)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(text, -1) {
		// Pools with a function have Invoke instead: TestPoolWithFunc.
		if name := string(m[1]); !known[name] && !strings.Contains(name, "Func") {
			t.Errorf("upstream has %s, and nothing here answers to it", name)
		}
	}
	if testing.Short() {
		t.Skip("builds a module of its own, and waits by the clock")
	}

	root := goList(t, "-m", "-f", "{{.Dir}}", "github.com/go-await/await")
	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ants_test.go", "ants_benchmark_test.go", "example_test.go"} {
		data := readFile(t, filepath.Join(source, name))
		replace(t, &data, `"github.com/panjf2000/ants/v2"`, `"suite/ants"`)
		if name == "ants_test.go" {
			replace(t, &data, "n        = 100000\n", "n        = 2000\n")
			replace(t, &data, "Param    = 100\n", "Param    = 10\n")
		}
		write(name, data)
	}
	if err := os.Mkdir(filepath.Join(dir, "ants"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("ants/ants.go", readFile(t, "testdata/ants/ants.go"))
	// The same requirements as ours, so that nothing need be looked up.
	mod := readFile(t, filepath.Join(root, "go.mod"))
	replace(t, &mod, "module github.com/go-await/await\n", "module suite\n")
	write("go.mod", append(mod, "\nrequire github.com/go-await/await v0.0.0\nreplace github.com/go-await/await => "+root+"\n"...))
	write("go.sum", readFile(t, filepath.Join(root, "go.sum")))
	command(t, dir, "", "go", "test", "-mod=mod", "-c", "-o", "suite.exe", ".")
	for way, names := range run {
		t.Run(way, func(t *testing.T) {
			t.Parallel() // they sleep more than they work
			out := command(t, dir, "THROUGH="+way, filepath.Join(dir, "suite.exe"), "-test.v", "-test.timeout=2m",
				"-test.run=^("+strings.Join(names, "|")+")$")
			for _, name := range names {
				if !bytes.Contains(out, []byte("--- PASS: "+name+" ")) {
					t.Errorf("%s did not pass:\n%s", name, out)
				}
			}
		})
	}
}

// ownTests returns the names of the tests of this package.
func ownTests(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, file := range files {
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(readFile(t, file), -1) {
			names[string(m[1])] = true
		}
	}
	return names
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// replace replaces the one occurrence of a string.
func replace(t *testing.T, data *[]byte, from, to string) {
	t.Helper()
	if n := bytes.Count(*data, []byte(from)); n != 1 {
		t.Fatalf("%q occurs %d times, want once", from, n)
	}
	*data = bytes.Replace(*data, []byte(from), []byte(to), 1)
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	return strings.TrimSpace(string(command(t, "", "", "go", append([]string{"list"}, args...)...)))
}

// command returns the output of a command.
func command(t *testing.T, dir, env, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if dir != "" {
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	}
	if env != "" {
		cmd.Env = append(cmd.Env, env)
	}
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			out = append(out, exit.Stderr...)
		}
		t.Fatal(fmt.Errorf("%s %v: %w\n%s", name, args, err, out))
	}
	return out
}
