// Compare runs the benchmarks of package bench, several times over, and writes
// what came out to RESULTS.md and to a chart per group of jobs.
//
// Each round runs all contestants once, one after the other, so that a ratio is
// of two figures measured within a minute of each other on the same machine.
// The table has the median over the rounds, of the figures and of the ratios;
// medians and confidence intervals are benchmath's, as in benchstat.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("compare: ")
	count := flag.Int("count", 6, "rounds")
	benchtime := flag.String("benchtime", "200ms", "time per contestant and round")
	match := flag.String("bench", ".", "run this job only, by its name in jobs.go")
	from := flag.String("from", "", "take the figures from this file of an earlier run, and run nothing")
	raw := flag.String("raw", "", "write the raw figures to this file")
	flag.Parse()

	figures := new(bytes.Buffer)
	if *from != "" {
		data, err := os.ReadFile(*from)
		if err != nil {
			log.Fatal(err)
		}
		figures.Write(data)
	} else {
		program, remove, err := build()
		if err != nil {
			log.Fatal(err)
		}
		defer remove()
		for round := range *count {
			log.Printf("round %d of %d", round+1, *count)
			if err := runRound(figures, program, *match, *benchtime); err != nil {
				log.Fatal(err)
			}
		}
	}
	if *raw != "" {
		if err := os.WriteFile(*raw, figures.Bytes(), 0o666); err != nil {
			log.Fatal(err)
		}
	}
	results, err := parse(figures)
	if err != nil {
		log.Fatal(err)
	}
	command := fmt.Sprintf("go run ./compare -count %d -benchtime %s", *count, *benchtime)
	out := new(bytes.Buffer)
	if err := writeReport(out, results, command); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("RESULTS.md", out.Bytes(), 0o666); err != nil {
		log.Fatal(err)
	}
	if err := writeCharts("charts", results); err != nil {
		log.Fatal(err)
	}
}

// build compiles the benchmarks and returns the program.
func build() (program string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return "", nil, err
	}
	program = filepath.Join(dir, "bench.test")
	out, err := exec.Command("go", "test", "-c", "-o", program, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return program, func() { _ = os.RemoveAll(dir) }, err
}

// runRound appends the output of one run of the benchmarks. Each job has a
// process of its own: what one leaves behind (a deadlock's goroutines, a grown
// heap) is not the next one's.
func runRound(out io.Writer, program, match, benchtime string) error {
	for _, j := range jobs {
		if match != "." && match != j.bench {
			continue
		}
		bt := benchtime
		if j.once > 0 {
			bt = strconv.Itoa(j.once) + "x"
		}
		cmd := exec.Command(program, "-test.run", "^$", "-test.bench", "^Benchmark"+j.bench+"$", "-test.benchtime", bt)
		cmd.Stdout, cmd.Stderr = out, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", j.bench, err)
		}
	}
	return nil
}
