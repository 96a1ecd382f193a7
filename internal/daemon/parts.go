package daemon

import (
	"arduino-gateway/device"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// commandsTo hands a session's messages to a device as requests.
type commandsTo struct{ *gateway.Device }

func (c commandsTo) Message(m device.Message) {
	c.Command(gateway.Request{Command: m.Command, Value: m.Payload, Size: m.Size, Retained: m.Retained,
		Packet: m.PacketID, Duplicate: m.Duplicate, At: m.At})
}

// boardPort is a device's port together with its lease, which holds the port over
// a pause.
type boardPort struct {
	*serialbridge.Port
	lease *ports.Lease
}

func (p boardPort) Hold(held bool) { p.lease.Hold(held) }
