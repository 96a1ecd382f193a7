package natstest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/internal/programtest"
)

// Cluster is three nodes. A link leads from each to each other one.
type Cluster struct {
	Nodes [Size]*Node
	links [Size][Size]*link // from, to; nil from a node to itself
}

// Start runs three nodes with the configuration of the first, and returns when each
// accepts clients. They end with the test, which prints their last log lines if it
// failed.
func Start(tb testing.TB, config string) *Cluster {
	tb.Helper()
	c := new(Cluster)
	for i := range c.Nodes {
		c.Nodes[i] = &Node{tb: tb, dir: tb.TempDir(), clients: programtest.FreePort(tb),
			mqtt: programtest.FreePort(tb), routes: programtest.FreePort(tb)}
	}
	for i := range c.Nodes {
		for j, to := range c.Nodes {
			if i != j {
				c.links[i][j] = newLink(tb, loopback(to.routes))
			}
		}
	}
	tb.Cleanup(func() {
		for i, n := range c.Nodes {
			if tb.Failed() {
				tb.Logf("log of node %d:\n%s", i+1, n.lastLog())
			}
		}
	})
	for i, n := range c.Nodes {
		text, err := replace(config, c.replacements(i))
		if err == nil {
			err = os.WriteFile(n.config(), []byte(text), 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
		n.start()
	}
	for _, n := range c.Nodes {
		n.AwaitReady()
	}
	return c
}

// Version returns the version of nats-server, such as 2.9.10.
func (c *Cluster) Version() string {
	_, version, _ := strings.Cut(c.Nodes[0].log.String(), "Version:")
	version, _, _ = strings.Cut(version, "\n")
	return strings.TrimSpace(version)
}

// Part separates node i from the two others: what they send each other waits, and they
// cannot connect. Clients still reach all of them.
func (c *Cluster) Part(i int) { c.setHeld(i, true) }

// Join ends Part. What waited arrives.
func (c *Cluster) Join(i int) { c.setHeld(i, false) }

func (c *Cluster) setHeld(i int, held bool) {
	for j := range c.Nodes {
		if i != j {
			c.links[i][j].setHeld(held)
			c.links[j][i].setHeld(held)
		}
	}
}

func (n *Node) config() string { return filepath.Join(n.dir, "nats-server.conf") }
