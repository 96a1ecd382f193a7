package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"arduino-gateway/device"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// commandsTo hands a session's messages to a device as requests.
type commandsTo struct{ *gateway.Device }

func (c commandsTo) Message(m device.Message) {
	c.Command(gateway.Request{Command: m.Command, Value: m.Payload, Size: m.Size, Retained: m.Retained,
		Packet: m.PacketID, Duplicate: m.Duplicate, At: m.At})
}

// boardPort is a device's port together with its seat, which holds the port over
// a pause.
type boardPort struct {
	*serialbridge.Port
	seat *ports.Lease
}

func (p boardPort) Hold(held bool) { p.seat.Hold(held) }

// own is the gateway's own session: online as long as it lives.
type own struct{ *mqttbridge.Session }

func (o own) Run(ctx context.Context) error {
	o.SetOnline(true)
	return o.Session.Run(ctx)
}

// kept is the spool as a part: when it ends, all is on disk.
type kept struct{ *spool.Spool }

func (k kept) Run(ctx context.Context) error {
	return errors.Join(k.Spool.Run(ctx), k.Close())
}

// named gives a part the name under which its failure is told.
type named struct {
	part interface{ Run(context.Context) error }
	name string
}

func (n named) Run(ctx context.Context) error { return n.part.Run(ctx) }
func (n named) String() string                { return n.name }

// optional is a part whose failure is told, and leaves the others running:
// nobody should lose readings because a socket could not be made.
type optional struct {
	gateway.Runner
	log *slog.Logger
}

func (o optional) Run(ctx context.Context) error {
	if err := o.Runner.Run(ctx); err != nil {
		o.log.Warn(fmt.Sprintf("going on without the %v", o.Runner), "error", err)
	}
	return nil
}
