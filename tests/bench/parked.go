// SPDX-License-Identifier: Apache-2.0

// The Go twin of parked.c: same arguments, same names.
package main

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
)

var ready, ended sync.WaitGroup
var gate = make(chan byte)
var woken atomic.Int64

func waits() {
	ready.Done()
	<-gate
	woken.Add(1)
	ended.Done()
}

func main() {
	args := options()
	n := 0
	if len(args) == 1 {
		n, _ = strconv.Atoi(args[0])
	}
	if n < 1 {
		fail("usage: parked [-d DIVISOR] N")
	}
	name := fmt.Sprintf("parked-%d", n)
	n = count(n)
	ready.Add(n)
	ended.Add(n)
	before := memory()
	t := now()
	for i := 0; i < n; i++ {
		go waits()
	}
	ready.Wait()
	started := now()
	after := memory()
	opened := now()
	close(gate)
	ended.Wait()
	over := now()
	if int(woken.Load()) != n {
		fail("parked: some goroutines did not wake")
	}
	report(name, "-memory", 1024*float64(after-before)/float64(n))
	report(name, "-start", float64(started-t)/float64(n))
	report(name, "-wake", float64(over-opened)/float64(n))
}
