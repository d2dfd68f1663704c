package planted

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const add = "c.n.Add(1)"

func TestTry(t *testing.T) {
	const patient, soon = time.Hour, 2 * time.Second
	for _, test := range []struct {
		name     string
		bug      Bug
		patience time.Duration
		want     string
	}{
		{"caught", Bug{File: "counter.go", Old: add, New: "c.n.Store(c.n.Load() + 1)"}, patient,
			"caught by TestModelAdd: assertion failed: 1 (bc2ba2)"},
		{"survived", Bug{File: "counter.go", Old: add, New: "c.n.Add(1 + 0)"}, patient,
			"the bug survived"},
		{"does not compile", Bug{File: "counter.go", Old: add, New: "?"}, patient,
			"no model failed"},
		{"not found", Bug{File: "counter.go", Old: "c.m.Add(1)", New: ""}, patient,
			"has the text 0 times"},
		{"no such file", Bug{File: "no.go"}, patient,
			"no.go"},
		{"hangs", Bug{File: "counter.go", Old: add, New: "select {}"}, soon,
			"test timed out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			how, err := test.bug.try("testdata/counter", "Model", "^TestModelPlantedBugs$", t.TempDir(), test.patience)
			if err != nil {
				how = err.Error()
			}
			if !strings.Contains(how, test.want) {
				t.Errorf("got %s\nwant %s", how, test.want)
			}
		})
	}
}

// A test names the models and the bugs:
//
//	func TestModelPlantedBugs(t *testing.T) {
//		planted.Check(t, "TestModelAdd", []planted.Bug{bug})
//	}
func ExampleCheck() {
	bug := Bug{
		Name: "addition in two steps",
		File: "counter.go",
		Old:  "c.n.Add(1)",
		New:  "c.n.Store(c.n.Load() + 1)",
	}
	temp, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(temp)
	fmt.Println(bug.try("testdata/counter", "TestModelAdd", "^$", temp, time.Minute))
	// Output: caught by TestModelAdd: assertion failed: 1 (bc2ba2) <nil>
}
