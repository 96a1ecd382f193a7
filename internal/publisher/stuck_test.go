package publisher

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/mqtttest"
)

// slowLink is a connection whose far end acknowledges each packet after some time.
type slowLink struct {
	stream *Stream
	puback time.Duration // 0: never
	lost   chan struct{}
}

func (l *slowLink) Lost() <-chan struct{} { return l.lost }

// Write takes one PUBLISH packet of the QoS 1.
func (l *slowLink) Write(packet []byte) (int, error) {
	topic := int(binary.BigEndian.Uint16(packet[2:]))
	id := binary.BigEndian.Uint16(packet[4+topic:])
	if l.puback > 0 {
		time.AfterFunc(l.puback, func() { l.stream.Acked(id) })
	}
	return len(packet), nil
}

// A line that leaves a moment before a PINGREQ has until the next one. A broker that
// acknowledges nothing is noticed at the second PINGREQ after the line.
func TestStream_StuckNeedsAFirstSighting(t *testing.T) {
	const keepAlive, before = 30 * time.Second, 10 * time.Millisecond
	for name, c := range map[string]struct {
		puback time.Duration
		stuck  int // the PINGREQ at which it is noticed, 0: never
	}{
		"fast link":                     {time.Millisecond, 0},
		"slow link":                     {2 * time.Second, 0},
		"link as slow as a keep-alive":  {keepAlive - 2*before, 0},
		"acknowledges nothing any more": {0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := mqtttest.NewSource(t)
				p := New(source)
				p.Configure(Options{Topic: "uno", QoS: 1, Values: true, MaxInflight: 100})
				stream := p.NewStream()
				halt, ended := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(ended)
					stream.Run(&slowLink{stream, c.puback, make(chan struct{})}, nil, halt)
				}()
				stuck := 0
				for ping := 1; ping <= 100 && stuck == 0; ping++ {
					time.Sleep(keepAlive - before)
					if ping > 1 { // the first PINGREQ finds nothing in flight
						source.Add(mqtttest.Numbered(uint64(ping)))
					}
					time.Sleep(before)
					if stream.Stuck() {
						stuck = ping
					}
				}
				if stuck != c.stuck {
					t.Errorf("stuck at PINGREQ %d, want %d", stuck, c.stuck)
				}
				close(halt)
				<-ended
				time.Sleep(keepAlive)
			})
		})
	}
}
