// SPDX-License-Identifier: Apache-2.0

// The Go twin of micro.c: the same cases under the same names.
package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
)

func startFinish(n, burst int) {
	for i := 0; i < n/burst; i++ {
		var wg sync.WaitGroup
		wg.Add(burst)
		for j := 0; j < burst; j++ {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
}

func yieldAmong(n, goroutines int) {
	var wg sync.WaitGroup
	wg.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			for j := 0; j < n/goroutines; j++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func roundTrip(n, _ int) {
	to, from := make(chan int32), make(chan int32)
	go func() {
		for v := range to {
			from <- v
		}
		close(from)
	}()
	for i := 0; i < n; i++ {
		to <- int32(i)
		<-from
	}
	close(to)
	<-from
}

func produces(ch chan int32, wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		ch <- int32(i)
	}
	wg.Done()
}

func buffered(n, pairs int) {
	ch := make(chan int32, 128)
	var wg sync.WaitGroup
	wg.Add(2 * pairs)
	for i := 0; i < pairs; i++ {
		go produces(ch, &wg, n/pairs)
		go func() {
			for j := 0; j < n/pairs; j++ {
				<-ch
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func selectOf4(n, producers int) {
	var c [4]chan int32
	var wg sync.WaitGroup
	wg.Add(producers)
	for i := range c {
		c[i] = make(chan int32)
		go produces(c[i], &wg, n/producers)
	}
	for i := 0; i < n/producers*producers; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		}
	}
	wg.Wait()
}

func selectReady(n, _ int) {
	ready, never := make(chan int32, 1), make(chan int32)
	for i := 0; i < n; i += 2 {
		select {
		case ready <- int32(i):
		case <-never:
		}
		select {
		case <-ready:
		case <-never:
		}
	}
}

var mu sync.Mutex
var rw sync.RWMutex
var counter int

func locks(n int) {
	for j := 0; j < n; j++ {
		mu.Lock()
		counter++
		mu.Unlock()
	}
}

func locksAndYields(n int) {
	for j := 0; j < n; j++ {
		mu.Lock()
		counter++
		runtime.Gosched()
		mu.Unlock()
	}
}

func reads(n int) {
	for j := 0; j < n; j++ {
		rw.RLock()
		rw.RUnlock()
	}
}

func several(what func(int)) func(int, int) {
	return func(n, goroutines int) {
		var wg sync.WaitGroup
		wg.Add(goroutines)
		for i := 0; i < goroutines; i++ {
			go func() {
				what(n / goroutines)
				wg.Done()
			}()
		}
		wg.Wait()
	}
}

func waitGroup(n, goroutines int) {
	startFinish(n*goroutines, goroutines)
}

var o sync.Once

func once(n, _ int) {
	for i := 0; i < n; i++ {
		o.Do(func() {})
	}
}

func ctxCancel(n, children int) {
	cancels := make([]context.CancelFunc, children)
	for i := 0; i < n; i++ {
		parent, cancel := context.WithCancel(context.Background())
		for j := range cancels {
			var child context.Context
			child, cancels[j] = context.WithCancel(parent)
			child.Done()
		}
		cancel()
		for _, c := range cancels {
			c()
		}
	}
}

func timer(n, _ int) {
	for i := 0; i < n; i++ {
		time.NewTimer(time.Hour).Stop()
	}
}

func sieve(limit, _ int) {
	ch := make(chan int32)
	go func(out chan int32) {
		for i := int32(2); i < int32(limit); i++ {
			out <- i
		}
		close(out)
	}(ch)
	for {
		prime, ok := <-ch
		if !ok {
			break
		}
		next := make(chan int32)
		go func(in, out chan int32, prime int32) {
			for v := range in {
				if v%prime != 0 {
					out <- v
				}
			}
			close(out)
		}(ch, next, prime)
		ch = next
	}
}

func skynetNode(up chan int, num, size int) {
	if size < 10 {
		up <- num
		return
	}
	down := make(chan int)
	for i := 0; i < 10; i++ {
		go skynetNode(down, num+i*(size/10), size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-down
	}
	up <- sum
}

func skynet(leaves, _ int) {
	up := make(chan int)
	go skynetNode(up, 0, leaves)
	<-up
}

var all = []struct {
	name   string
	run    func(n, arg int)
	n, arg int
	whole  bool
}{
	{"start-finish", startFinish, 1000000, 100, false},
	{"yield-2", yieldAmong, 3000000, 2, false},
	{"yield-1000", yieldAmong, 3000000, 1000, false},
	{"round-trip", roundTrip, 800000, 0, false},
	{"buffered-1:1", buffered, 4000000, 1, false},
	{"buffered-4:4", buffered, 4000000, 4, false},
	{"select-4", selectOf4, 600000, 4, false},
	{"select-ready", selectReady, 2000000, 0, false},
	{"mutex-1", several(locks), 10000000, 1, false},
	{"mutex-8", several(locks), 8000000, 8, false},
	{"mutex-8-yield", several(locksAndYields), 400000, 8, false},
	{"rwmutex-read-1", several(reads), 10000000, 1, false},
	{"rwmutex-read-8", several(reads), 8000000, 8, false},
	{"wait-group-1000", waitGroup, 1000, 1000, false},
	{"once", once, 40000000, 0, false},
	{"ctx-cancel-100", ctxCancel, 5000, 100, false},
	{"timer-start-stop", timer, 1000000, 0, false},
	{"sieve-12000", sieve, 12000, 0, true},
	{"skynet-1M", skynet, 1000000, 0, true},
}

func main() {
	names := options()
	for _, m := range all {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		n := count(m.n)
		m.run(n/10, m.arg)
		var s span
		s.start()
		m.run(n, m.arg)
		s.stop()
		if m.whole {
			n = 1
		}
		s.report(m.name, n)
	}
}
