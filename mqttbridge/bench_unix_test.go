//go:build unix

package mqttbridge

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/mqtttest"
)

// BenchmarkSixteenBoards is 16 sessions of 50 lines a second; it reports the
// CPU time of the whole process, sink included, for a line.
func BenchmarkSixteenBoards(b *testing.B) {
	sink := mqtttest.NewSink(b).Start(b)
	var all []*supply
	for i := range 16 {
		all = append(all, benchSession(b, sink, 1, i))
	}
	b.ResetTimer()
	before := cpuTime()
	tick := time.NewTicker(time.Second / 50 / 16)
	defer tick.Stop()
	for i := range b.N {
		<-tick.C
		all[i%16].more(1)
	}
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N), "cpu-µs/line")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapInuse+m.StackInuse)/1024/16, "KB/session")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
