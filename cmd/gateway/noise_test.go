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

// noisyLine serves one serial port over TCP, and damages bytes in both directions while
// noise is on. What the board prints without a client is lost, as on a closed port.
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

// url returns the port: value.
func (n *noisyLine) url() string { return "tcp://" + n.listener.Addr().String() }

// up carries bytes from the board.
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

// down carries bytes to the board, from one client after the other.
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

// harm changes, drops and adds bytes, and turns some into line endings.
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

func (n *noisyLine) String() string { return fmt.Sprintf("%d bytes damaged", n.harmed.Load()) }
