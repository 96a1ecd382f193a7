//go:build linux || darwin

package simulator

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// drain reads this many lines.
func drain(b *testing.B, path string, lines int) {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		b.Error(err)
		return
	}
	defer file.Close()
	buffer := make([]byte, 64<<10)
	for lines > 0 {
		n, err := file.Read(buffer)
		if err != nil {
			b.Error(err)
			return
		}
		lines -= bytes.Count(buffer[:n], []byte("\n"))
	}
}

var greenhouse = []Signal{
	{Name: "temperature", Wave: Sine, Mean: 22, Amplitude: 3, Period: time.Minute, Decimals: 2},
	{Name: "humidity", Wave: Walk, Start: 55, Step: 0.4, Min: 35, Max: 85, Decimals: 1},
}

// BenchmarkFlatOut measures one board that prints as fast as it is read, a line
// an operation.
func BenchmarkFlatOut(b *testing.B) {
	board := New(b, Spec{FlatOut: true, Lines: int64(b.N), Signals: greenhouse})
	drain(b, board.Path(), b.N)
}

// BenchmarkPrintln measures lines that a test prints one by one.
func BenchmarkPrintln(b *testing.B) {
	board := New(b, Spec{Lossless: true})
	go func() {
		for range b.N {
			board.Println("temperature=23.50,humidity=40.2")
		}
	}()
	drain(b, board.Path(), b.N)
}

// BenchmarkThirtyTwoBoards prints 50 lines a second on each board. An operation
// is one line of every board; cpu-µs/line is the cost on both ends of the pty
// together.
func BenchmarkThirtyTwoBoards(b *testing.B) {
	const boards = 32
	before := cpuTime(b)
	var readers sync.WaitGroup
	for i := range boards {
		board := New(b, Spec{Name: fmt.Sprintf("uno-%d", i), Every: 20 * time.Millisecond, Lossless: true, Signals: greenhouse})
		readers.Go(func() { drain(b, board.Path(), b.N) })
	}
	readers.Wait()
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N*boards), "cpu-µs/line")
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
