package errgroup_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	upstream "golang.org/x/sync/errgroup"

	"github.com/go-await/await/adapters/errgroup"
)

// Upstream's own tests, taken from the module cache as they are, pass when
// nothing but the import path is pointed at this package.
func TestUpstreamSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module of its own")
	}
	const (
		theirs = `"golang.org/x/sync/errgroup"`
		ours   = `"github.com/go-await/await/adapters/errgroup"`
	)
	source := filepath.Join(goList(t, "-m", "-f", "{{.Dir}}", "golang.org/x/sync"), "errgroup", "errgroup_test.go")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte(theirs)); n != 1 {
		t.Fatalf("%s imports upstream %d times, want once", source, n)
	}
	root := goList(t, "-m", "-f", "{{.Dir}}", "github.com/go-await/await")
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// The same requirements as ours, so that nothing need be looked up.
	mod = bytes.Replace(mod, []byte("module github.com/go-await/await\n"), []byte("module suite\n"), 1)
	mod = append(mod, "\nrequire github.com/go-await/await v0.0.0\nreplace github.com/go-await/await => "+root+"\n"...)
	for name, data := range map[string][]byte{
		"errgroup_test.go": bytes.Replace(text, []byte(theirs), []byte(ours), 1),
		"go.mod":           mod,
		"go.sum":           sum,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Not the first example: it fetches pages from the network, and has no
	// output to compare.
	cmd := exec.Command("go", "test", "-mod=mod", "-count=1", "-v", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("upstream's tests on this package: %v\n%s", err, out)
	}
	for _, line := range []string{
		"--- PASS: TestZeroGroup", "--- PASS: TestWithContext", "--- PASS: TestTryGo",
		"--- PASS: TestGoLimit", "--- PASS: TestCancelCause", "--- PASS: ExampleGroup_parallel",
	} {
		if !strings.Contains(string(out), line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// Whatever can be called on upstream's group can be called on ours.
func TestMethodsOfUpstream(t *testing.T) {
	ours := reflect.TypeFor[*errgroup.Group]()
	theirs := reflect.TypeFor[*upstream.Group]()
	if theirs.NumMethod() < 4 {
		t.Fatalf("upstream has %d methods", theirs.NumMethod())
	}
	for i := range theirs.NumMethod() {
		want := theirs.Method(i)
		got, ok := ours.MethodByName(want.Name)
		if !ok {
			t.Errorf("no method %s", want.Name)
			continue
		}
		// The method expressions differ in the receiver only.
		w := reflect.Zero(theirs).Method(i).Type()
		if g := reflect.Zero(ours).Method(got.Index).Type(); g != w {
			t.Errorf("%s is %v, upstream's is %v", want.Name, g, w)
		}
	}
	w := strings.ReplaceAll(reflect.TypeOf(upstream.WithContext).String(), "upstream", "errgroup")
	if g := reflect.TypeOf(errgroup.WithContext).String(); g != w {
		t.Errorf("WithContext is %v, upstream's is %v", g, w)
	}
}
