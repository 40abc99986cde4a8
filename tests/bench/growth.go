// SPDX-License-Identifier: Apache-2.0

// The Go twin of growth.c: same arguments, names and structure. `touch` has no twin.
package main

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

const most = 1000000

var operations = 1000000
var done int
var clock span

func clockStarts() {
	clock.start()
}

func clockStops(n int) {
	clock.stop()
	done = n
}

func rounds(n int) int {
	return max(count(operations)/n, 1)
}

var ready, all sync.WaitGroup
var gate = make(chan int32)

func park(n int) {
	ready.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			ready.Done()
			<-gate
		}()
	}
	ready.Wait()
	runtime.Gosched()
}

func bursts(n int) {
	for i := 0; i < n; i += 10 {
		var wg sync.WaitGroup
		wg.Add(10)
		for j := 0; j < 10; j++ {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
}

func start(n int) {
	park(n)
	bursts(100)
	clockStarts()
	n = count(operations / 2)
	bursts(n)
	clockStops(n)
}

func feeds(ch chan int32, n int) {
	for i := 0; i < n; i++ {
		ch <- int32(i)
	}
}

func select2(n int) {
	each := count(operations / 2)
	a, b := make(chan int32), make(chan int32)
	park(n)
	go feeds(a, each)
	go feeds(b, each)
	clockStarts()
	for i := 0; i < 2*each; i++ {
		select {
		case <-a:
		case <-b:
		}
	}
	clockStops(2 * each)
}

var begun atomic.Bool

func yield(n int) {
	turns := 2 * rounds(n)
	ready.Add(n)
	all.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			ready.Done()
			for !begun.Load() {
				runtime.Gosched()
			}
			for j := 0; j < turns; j++ {
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	ready.Wait()
	clockStarts()
	begun.Store(true)
	all.Wait()
	clockStops((turns + 1) * n)
}

var mu sync.Mutex

func mutex(n int) {
	turns := max(rounds(n)/2, 1)
	ready.Add(n)
	all.Add(n)
	mu.Lock()
	for i := 0; i < n; i++ {
		go func() {
			ready.Done()
			for j := 0; j < turns; j++ {
				mu.Lock()
				runtime.Gosched()
				mu.Unlock()
			}
			all.Done()
		}()
	}
	ready.Wait()
	runtime.Gosched()
	clockStarts()
	mu.Unlock()
	all.Wait()
	clockStops(turns * n)
}

func makeChannels(n, cap int) []chan int32 {
	ch := make([]chan int32, n)
	for i := range ch {
		ch[i] = make(chan int32, cap)
	}
	return ch
}

func sendAndReceive(ch []chan int32) {
	for i, c := range ch {
		c <- int32(i)
		<-c
	}
}

func channel(n int) {
	ch := makeChannels(n, 1)
	sendAndReceive(ch)
	clockStarts()
	turns := rounds(n)
	for i := 0; i < turns; i++ {
		sendAndReceive(ch)
	}
	clockStops(turns * n)
}

func askEach(ch []chan int32, answer chan int32) {
	for i, c := range ch {
		c <- int32(i)
		<-answer
	}
}

func wake(n int) {
	ch, answer := makeChannels(n, 0), make(chan int32)
	for _, c := range ch {
		go func() {
			for v := range c {
				answer <- v
			}
		}()
	}
	askEach(ch, answer)
	clockStarts()
	turns := rounds(n)
	for i := 0; i < turns; i++ {
		askEach(ch, answer)
	}
	clockStops(turns * n)
}

func main() {
	cases := map[string]func(int){"start": start, "yield": yield, "channel": channel, "wake": wake,
		"select": select2, "mutex": mutex}
	args := options()
	n := 0
	if len(args) == 2 {
		n, _ = strconv.Atoi(args[1])
	}
	if n < 1 || n > most || cases[args[0]] == nil {
		fail("usage: growth [-c] [-d DIVISOR] CASE N")
	}
	cases[args[0]](count(n))
	name := fmt.Sprintf("growth-%s-%d", args[0], n)
	clock.report(name, done)
}
