package planted

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const add = "c.n.Add(1)"

func TestTry(t *testing.T) {
	for _, test := range []struct {
		name string
		bug  Bug
		want string
	}{
		{"caught", Bug{File: "counter.go", Old: add, New: "c.n.Store(c.n.Load() + 1)"},
			"caught by TestModelAdd: assertion failed: 1 (bc2ba2)"},
		{"survived", Bug{File: "counter.go", Old: add, New: "c.n.Add(1 + 0)"},
			"the bug survived"},
		{"does not compile", Bug{File: "counter.go", Old: add, New: "?"},
			"no model failed"},
		{"not found", Bug{File: "counter.go", Old: "c.m.Add(1)", New: ""},
			"has the text 0 times"},
		{"no such file", Bug{File: "no.go"}, "no.go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			how, err := test.bug.try("testdata/counter", "Model", t.TempDir())
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
	fmt.Println(bug.try("testdata/counter", "TestModelAdd", temp))
	// Output: caught by TestModelAdd: assertion failed: 1 (bc2ba2) <nil>
}
