// SPDX-License-Identifier: Apache-2.0

// The Go twin of micro.c: the same cases under the same names.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func report(name string, since time.Time, operations int) {
	fmt.Printf("%s %.2f\n", name, float64(time.Since(since).Nanoseconds())/float64(operations))
}

func startFinish() {
	const n, burst = 1000000, 100
	t := time.Now()
	for i := 0; i < n/burst; i++ {
		var wg sync.WaitGroup
		wg.Add(burst)
		for j := 0; j < burst; j++ {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
	report("start-finish", t, n)
}

func yieldOf(name string, goroutines, each int) {
	var wg sync.WaitGroup
	wg.Add(goroutines)
	t := time.Now()
	for i := 0; i < goroutines; i++ {
		go func() {
			for j := 0; j < each; j++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	report(name, t, goroutines*each)
}

func roundTrip() {
	const n = 1000000
	to, from := make(chan int32), make(chan int32)
	go func() {
		for v := range to {
			from <- v
		}
		close(from)
	}()
	t := time.Now()
	for i := int32(0); i < n; i++ {
		to <- i
		<-from
	}
	report("round-trip", t, n)
	close(to)
	<-from
}

func produces(ch chan int32, wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		ch <- int32(i)
	}
	wg.Done()
}

func buffered(name string, pairs int) {
	const n = 4000000
	ch := make(chan int32, 128)
	var wg sync.WaitGroup
	wg.Add(2 * pairs)
	t := time.Now()
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
	report(name, t, n)
}

func selectOf4() {
	const n = 800000
	var c [4]chan int32
	var wg sync.WaitGroup
	wg.Add(4)
	for i := range c {
		c[i] = make(chan int32)
		go produces(c[i], &wg, n/4)
	}
	t := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		}
	}
	report("select-4", t, n)
	wg.Wait()
}

var mu sync.Mutex
var counter int

func mutexOf(name string, goroutines, each int, yield bool) {
	var wg sync.WaitGroup
	wg.Add(goroutines)
	t := time.Now()
	for i := 0; i < goroutines; i++ {
		go func() {
			for j := 0; j < each; j++ {
				mu.Lock()
				counter++
				if yield {
					runtime.Gosched()
				}
				mu.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	report(name, t, goroutines*each)
}

func waitGroup1000() {
	const rounds, n = 1000, 1000
	t := time.Now()
	for i := 0; i < rounds; i++ {
		var wg sync.WaitGroup
		wg.Add(n)
		for j := 0; j < n; j++ {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
	report("wait-group-1000", t, rounds)
}

func sieve() {
	const limit = 12000
	t := time.Now()
	ch := make(chan int32)
	go func(out chan int32) {
		for i := int32(2); i < limit; i++ {
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
	report("sieve-12000", t, 1)
}

func skynetNode(up chan int, num, size int) {
	if size == 1 {
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

func skynet() {
	t := time.Now()
	up := make(chan int)
	go skynetNode(up, 0, 100000)
	<-up
	report("skynet-100k", t, 1)
}

func main() {
	startFinish()
	yieldOf("yield-2", 2, 2000000)
	yieldOf("yield-1000", 1000, 4000)
	roundTrip()
	buffered("buffered-1:1", 1)
	buffered("buffered-4:4", 4)
	selectOf4()
	mutexOf("mutex-1", 1, 10000000, false)
	mutexOf("mutex-8", 8, 500000, false)
	mutexOf("mutex-8-yield", 8, 50000, true)
	waitGroup1000()
	sieve()
	skynet()
}
