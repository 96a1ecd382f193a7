package natstest

import (
	"net"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/programtest"
)

// patience bounds every wait. Three nodes that start on a busy machine are slow.
const patience = 90 * time.Second

// Node is one nats-server, running, frozen or killed.
type Node struct {
	tb  testing.TB
	dir string
	log logtest.Log
	cmd *exec.Cmd // nil: killed

	clients, mqtt, routes int // ports
}

// URL returns the address of its MQTT listener.
func (n *Node) URL() *url.URL { return &url.URL{Scheme: "mqtt", Host: loopback(n.mqtt)} }

// Kill ends it at once, like a power cut.
func (n *Node) Kill() {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
	n.cmd = nil
}

// Restart runs it again after a Kill, with its files. It does not wait for it.
func (n *Node) Restart() {
	n.Kill()
	n.start()
}

func (n *Node) start() {
	n.tb.Helper()
	n.cmd = exec.Command(programtest.Find(n.tb, "nats-server"), "-c", n.config())
	n.cmd.Stderr = &n.log
	if err := n.cmd.Start(); err != nil {
		n.tb.Fatal(err)
	}
	n.tb.Cleanup(n.Kill)
}

// AwaitReady returns when it answers MQTT clients.
func (n *Node) AwaitReady() {
	n.tb.Helper()
	for deadline := time.Now().Add(patience); !n.ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.tb.Fatalf("nats-server does not serve:\n%s", n.lastLog())
		}
	}
}

// ready reports whether it answers a CONNECT, if only with a refusal.
func (n *Node) ready() bool {
	conn, err := net.Dial("tcp4", loopback(n.mqtt))
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = conn.Write([]byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01x"))
	answer := make([]byte, 4)
	_, err = conn.Read(answer)
	return err == nil && answer[0] == 0x20
}

// lastLog returns the last lines that it has logged.
func (n *Node) lastLog() string {
	lines := strings.Split(n.log.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
