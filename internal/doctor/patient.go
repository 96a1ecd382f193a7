package doctor

import (
	"context"
	"sync"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/ports"
	"arduino-gateway/mqttbridge"
)

// Patient is what is looked at.
type Patient struct {
	File     string          // the configuration's name
	Config   *config.Config  // nil where there is none, or none that is valid
	Missing  error           // why there is no file; nil where there is one
	Problems config.Problems // of the file

	// Session has what all sessions have in common. Unready says why it cannot
	// be: a file that the configuration names is missing, or holds something else.
	Session mqttbridge.Options
	Unready error

	Machine    ports.Machine
	TimeServer string // HOST or HOST:PORT; "" asks none
	Self       string // how to call this program: gateway
}

// Checks gives all that can be looked at, in the order in which a person should
// read of it.
func (p Patient) Checks() []Check {
	all := []Check{{"configuration", p.configuration}}
	if p.Config == nil {
		return append(all, Check{"ports", p.boards}, Check{"clock", p.clock})
	}
	running := p.askOnce()
	all = append(all, Check{"gateway", func(ctx context.Context) []Finding { return p.gateway(running(ctx)) }})
	all = append(all, Check{"files", p.files})
	all = append(all, Check{"broker", func(ctx context.Context) []Finding { return p.broker(ctx, running(ctx)) }})
	all = append(all, Check{"ports", func(ctx context.Context) []Finding { return p.devices(ctx, running(ctx)) }})
	return append(all, Check{"clock", p.clock}, Check{"spool", func(ctx context.Context) []Finding { return p.spool(running(ctx)) }})
}

// askOnce gives what asks the running gateway, once for all that want to know.
func (p Patient) askOnce() func(context.Context) running {
	var once sync.Once
	var answer running
	return func(ctx context.Context) running {
		once.Do(func() { answer = p.ask(ctx) })
		return answer
	}
}
