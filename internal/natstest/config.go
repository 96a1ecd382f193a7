package natstest

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Size is the number of nodes.
const Size = 3

// Where the configuration of the first node of three differs from node to node, or is
// not for a test. It must contain each of these exactly once. It names the nodes by the
// addresses 192.0.2.1 to 192.0.2.3.
const (
	name    = "server_name: nats1"
	store   = "/var/lib/nats"
	clients = "127.0.0.1:4222"
	mqtt    = "0.0.0.0:1883"
	routes  = `listen: "0.0.0.0:6222"`
)

// deadEnd is where nothing listens. Nodes tell each other how to reach the others, and
// such a connection would bypass the links.
const deadEnd = "127.0.0.1:1"

// replacements returns what stands in the configuration of node i instead.
func (c *Cluster) replacements(i int) (pairs [][2]string) {
	n := c.Nodes[i]
	pairs = [][2]string{
		{name, fmt.Sprintf("server_name: nats%d", i+1)},
		{store, filepath.Join(n.dir, "store")},
		{clients, loopback(n.clients)},
		{mqtt, loopback(n.mqtt)},
		{routes, fmt.Sprintf("listen: %q, advertise: %q", loopback(n.routes), deadEnd)},
	}
	for j := range c.Nodes {
		to := loopback(n.routes) // itself, which nats-server recognizes
		if j != i {
			to = c.links[i][j].addr()
		}
		pairs = append(pairs, [2]string{fmt.Sprintf("192.0.2.%d:6222", j+1), to})
	}
	return pairs
}

// replace replaces the first of each pair by the second.
func replace(config string, pairs [][2]string) (string, error) {
	for _, p := range pairs {
		if n := strings.Count(config, p[0]); n != 1 {
			return "", fmt.Errorf("the configuration contains %q %d times, want once", p[0], n)
		}
		config = strings.ReplaceAll(config, p[0], p[1])
	}
	return config, nil
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
