// SPDX-License-Identifier: Apache-2.0

// The Go twin of bench.h: options, clock, output.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var cpuTime bool
var divisor = 1
var begin = time.Now()

func now() int64 {
	if !cpuTime {
		return time.Since(begin).Nanoseconds()
	}
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return r.Utime.Nano() + r.Stime.Nano()
}

type span struct {
	started, elapsed, kernel, faults, switches int64
}

func usage() (kernel, faults, switches int64) {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return r.Stime.Nano(), r.Minflt, r.Nvcsw + r.Nivcsw
}

func (s *span) start() {
	s.kernel, s.faults, s.switches = usage()
	s.started = now()
}

func (s *span) stop() {
	s.elapsed = now() - s.started
	kernel, faults, switches := usage()
	s.kernel, s.faults, s.switches = kernel-s.kernel, faults-s.faults, switches-s.switches
}

func count(n int) int {
	return max(n/divisor, 1)
}

func options() []string {
	args := os.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args[0] == "-c" {
			cpuTime = true
			args = args[1:]
		} else if n, err := strconv.Atoi(args[min(1, len(args)-1)]); args[0] == "-d" && err == nil && n > 0 {
			divisor = n
			args = args[2:]
		} else {
			break
		}
	}
	return args
}

func report(name, what string, value float64) {
	fmt.Printf("%s%s %.4f\n", name, what, value)
}

func (s *span) report(name string, n int) {
	report(name, "", float64(s.elapsed)/float64(n))
	report(name, "-kernel", float64(s.kernel)/float64(n))
	report(name, "-faults", float64(s.faults)/float64(n))
	report(name, "-switches", float64(s.switches)/float64(n))
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(2)
}

// Resident kilobytes of the process, with its page tables.
func memory() (sum int) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		fail(err.Error())
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == "VmRSS:" || words[0] == "VmPTE:" {
			kb, _ := strconv.Atoi(words[1])
			sum += kb
		}
	}
	return
}
