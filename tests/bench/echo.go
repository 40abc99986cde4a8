// SPDX-License-Identifier: Apache-2.0
//
// The twin of echo.c: same arguments, same names, same structure. The server is this program
// again, with the listening socket as its descriptor 3. Go raises the limit of open files itself.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const message, buffer, connecting, spare = 32, 512, 128, 32

func die(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(2)
}

func handle(c net.Conn) {
	var data [buffer]byte
	for {
		n, err := c.Read(data[:])
		if n == 0 || err != nil {
			break
		}
		if _, err := c.Write(data[:n]); err != nil {
			break
		}
	}
	c.Close()
}

func serve() {
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		die("listener", err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			die("accept", err)
		}
		go handle(c)
	}
}

func startServer() (*exec.Cmd, string) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		die("listen", err)
	}
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		die("listener", err)
	}
	server := exec.Command("/proc/self/exe", "serve")
	server.ExtraFiles = []*os.File{file}
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		die("server", err)
	}
	address := l.Addr().String()
	file.Close()
	l.Close()
	return server, address
}

func memoryOf(pid int) (sum int) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		die("status", err)
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

func dial(address string) net.Conn {
	c, err := net.Dial("tcp4", address)
	if err != nil {
		die("connect", err)
	}
	return c
}

func echo(c net.Conn, rounds int) {
	var out, in [message]byte
	for ; rounds > 0; rounds-- {
		if _, err := c.Write(out[:]); err != nil {
			die("write", err)
		}
		for have := 0; have < message; {
			n, err := c.Read(in[have:])
			if err != nil {
				die("read", err)
			}
			have += n
		}
	}
}

func report(what string, n int, value float64) {
	fmt.Printf("echo-%d%s %.1f\n", n, what, value)
}

func measure(n, rounds int, server int, address string, memory bool) {
	var ready, done sync.WaitGroup
	gate := make(chan struct{})
	places := make(chan struct{}, connecting)
	ready.Add(n)
	done.Add(n)
	connections := make([]net.Conn, n)
	warm := dial(address)
	echo(warm, 1)
	before := memoryOf(server)
	t := time.Now()
	for i := range connections {
		go func() {
			places <- struct{}{}
			c := dial(address)
			connections[i] = c // else it would be closed when the goroutine has ended
			echo(c, 1)
			<-places
			ready.Done()
			<-gate
			echo(c, rounds)
			done.Done()
		}()
	}
	ready.Wait()
	connected := time.Since(t)
	after := memoryOf(server)
	t = time.Now()
	close(gate)
	done.Wait()
	report("", n, float64(time.Since(t).Nanoseconds())/float64(n*rounds))
	report("-connect", n, float64(connected.Nanoseconds())/float64(n))
	if memory {
		report("-memory", n, 1024*float64(after-before)/float64(n))
	}
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		serve()
	}
	args := os.Args[1:]
	memory := len(args) == 3 && args[0] == "-m"
	if memory {
		args = args[1:]
	}
	if len(args) != 2 {
		die("usage", fmt.Errorf("echo [-m] N ROUNDS"))
	}
	n, _ := strconv.Atoi(args[0])
	rounds, _ := strconv.Atoi(args[1])
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); limit.Max < uint64(n+spare) {
		die("echo", fmt.Errorf("%d descriptors are needed, the hard limit is %d", n+spare, limit.Max))
	}
	server, address := startServer()
	measure(n, rounds, server.Process.Pid, address, memory)
	server.Process.Kill()
	server.Wait()
}
