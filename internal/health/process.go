package health

import (
	"runtime"
	"time"
)

var began = time.Now()

// process is what the system reports about this process; 0: unknown.
type process struct {
	started, cpu, resident, descriptors, goroutines float64
}

func thisProcess() process {
	p := measured()
	p.started = seconds(began)
	p.goroutines = float64(runtime.NumGoroutine())
	return p
}
