package doctor

import (
	"context"
	"sync"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/ports"
	"arduino-gateway/mqttbridge"
)

// Target is what is checked.
type Target struct {
	File     string          // the configuration's name
	Config   *config.Config  // nil if there is none, or it has errors
	Missing  error           // why there is no file; nil if there is one
	Problems config.Problems // of the file

	// Session has the options that all sessions share. Unready is why they are
	// incomplete: a file that the configuration names is missing or invalid.
	Session mqttbridge.Options
	Unready error

	Machine    ports.Machine
	TimeServer string // HOST or HOST:PORT; "": none is asked
	Self       string // the command that runs this program: gateway
}

// Checks returns all checks, in the order in which a person should read the findings.
func (t Target) Checks() []Check {
	all := []Check{{"configuration", t.configuration}}
	if t.Config == nil {
		return append(all, Check{"ports", t.ports}, Check{"clock", t.clock})
	}
	running := t.askOnce()
	all = append(all, Check{"gateway", func(ctx context.Context) []Finding { return t.gateway(running(ctx)) }})
	all = append(all, Check{"files", t.files})
	all = append(all, Check{"broker", func(ctx context.Context) []Finding { return t.broker(ctx, running(ctx)) }})
	all = append(all, Check{"ports", func(ctx context.Context) []Finding { return t.devices(ctx, running(ctx)) }})
	return append(all, Check{"clock", t.clock}, Check{"spool", func(ctx context.Context) []Finding { return t.spool(running(ctx)) }})
}

// askOnce returns a function that asks the running gateway at its first call only.
func (t Target) askOnce() func(context.Context) running {
	var once sync.Once
	var answer running
	return func(ctx context.Context) running {
		once.Do(func() { answer = t.ask(ctx) })
		return answer
	}
}
