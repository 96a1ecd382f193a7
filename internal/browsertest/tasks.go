package browsertest

import (
	"encoding/json"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/tracing"
)

// Tasks is the work of the page's main thread during a recording.
type Tasks struct {
	Count int
	Total time.Duration // of CPU
	Worst time.Duration // CPU of the longest task, during which the page did not respond
}

// Tasks records the work of the page's main thread while the function runs. It counts
// CPU time, not wall time, so that a busy machine does not matter.
func (p *Page) Tasks(while func()) Tasks {
	p.t.Helper()
	p.trace = &trace{done: make(chan struct{})}
	call(p, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "__metadata"}}})
	while()
	call(p, tracing.End, cdp.Empty{})
	p.within("read the trace", func() error { <-p.trace.done; return nil })
	return p.trace.tasks()
}

// Memory returns the bytes that JavaScript uses after a garbage collection.
func (p *Page) Memory() int64 {
	p.t.Helper()
	call(p, heapprofiler.CollectGarbage, cdp.Empty{})
	usage := call(p, runtime.GetHeapUsage, cdp.Empty{})
	return int64(usage.UsedSize + usage.BackingStorageSize)
}

// trace collects the events of a recording.
type trace struct {
	events []traceEvent
	done   chan struct{}
}

type traceEvent struct {
	Name    string `json:"name"`
	Process int    `json:"pid"`
	Thread  int    `json:"tid"`
	CPU     int64  `json:"tdur"` // microseconds
	Args    struct {
		Name string `json:"name"`
	} `json:"args"`
}

// hear runs on the goroutine that reads the browser's messages.
func (t *trace) hear(event any) {
	switch e := event.(type) {
	case *tracing.EventDataCollected:
		for _, v := range e.Value {
			var one traceEvent
			if json.Unmarshal(v, &one) == nil && (one.CPU > 0 || one.Name == "thread_name") {
				t.events = append(t.events, one)
			}
		}
	case *tracing.EventTracingComplete:
		close(t.done)
	}
}

func (t *trace) tasks() (all Tasks) {
	main := map[[2]int]bool{}
	for _, e := range t.events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[[2]int{e.Process, e.Thread}] = true
		}
	}
	for _, e := range t.events {
		if !main[[2]int{e.Process, e.Thread}] || e.Name != "ThreadControllerImpl::RunTask" {
			continue
		}
		took := time.Duration(e.CPU) * time.Microsecond
		all.Count++
		all.Total += took
		all.Worst = max(all.Worst, took)
	}
	return all
}
