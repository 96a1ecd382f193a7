//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"

	"go.bug.st/serial"

	"arduino-gateway/simulator/avr"
)

// noisyLine is a server of one serial port that harms bytes in both directions
// while it is told to. What comes while nobody is connected is lost, as on a
// port that nobody has open.
type noisyLine struct {
	listener net.Listener
	port     serial.Port
	faults   atomic.Int64 // bytes in ten thousand
	client   atomic.Pointer[net.Conn]
	harmed   atomic.Int64
}

func newNoisyLine(t *testing.T, uno *avr.Uno) *noisyLine {
	t.Helper()
	port, err := serial.Open(uno.Port(), &serial.Mode{BaudRate: 115200})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &noisyLine{listener: listener, port: port}
	up, down := make(chan struct{}), make(chan struct{})
	go func() { defer close(up); n.up() }()
	go func() { defer close(down); n.down() }()
	t.Cleanup(func() {
		_ = listener.Close()
		if c := n.client.Load(); c != nil {
			_ = (*c).Close()
		}
		_ = port.Close()
		<-up
		<-down
	})
	return n
}

// url is what to write as port:.
func (n *noisyLine) url() string { return "tcp://" + n.listener.Addr().String() }

// up carries what the board prints.
func (n *noisyLine) up() {
	buffer := make([]byte, 4096)
	for {
		size, err := n.port.Read(buffer)
		if err != nil {
			return
		}
		if c := n.client.Load(); c != nil {
			_, _ = (*c).Write(n.harm(buffer[:size]))
		}
	}
}

// down carries what is written to it, for one client after the other.
func (n *noisyLine) down() {
	for {
		c, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.client.Store(&c)
		buffer := make([]byte, 4096)
		for {
			size, err := c.Read(buffer)
			if err != nil {
				break
			}
			_, _ = n.port.Write(n.harm(buffer[:size]))
		}
		n.client.Store(nil)
		_ = c.Close()
	}
}

// harm changes, loses and adds bytes, and makes line endings of some.
func (n *noisyLine) harm(data []byte) (harmed []byte) {
	faults := int(n.faults.Load())
	for _, b := range data {
		if rand.IntN(10_000) < faults {
			n.harmed.Add(1)
			switch rand.IntN(4) {
			case 0:
				continue
			case 1:
				harmed = append(harmed, byte(rand.IntN(256)))
			case 2:
				b = '\n'
			default:
				b ^= 1 << rand.IntN(8)
			}
		}
		harmed = append(harmed, b)
	}
	return harmed
}

func (n *noisyLine) String() string { return fmt.Sprintf("%d bytes harmed", n.harmed.Load()) }
