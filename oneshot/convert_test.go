package oneshot_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A Receiver cannot be made a Sender, nor the other way round: a second sender
// cannot be forged.
func TestEndsDoNotConvert(t *testing.T) {
	const file = "testdata/convert/convert.go"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "build", "-gcflags=-e", "./testdata/convert").CombinedOutput()
	if err == nil {
		t.Fatalf("%s compiles, want it refused", file)
	}
	for i, line := range strings.Split(string(source), "\n") {
		refused := strings.Contains(string(out), fmt.Sprintf("convert.go:%d:", i+1))
		if want := strings.HasSuffix(line, "// refused"); refused != want {
			t.Errorf("line %d, %s: refused %v, want %v\n%s", i+1, strings.TrimSpace(line), refused, want, out)
		}
	}
}
