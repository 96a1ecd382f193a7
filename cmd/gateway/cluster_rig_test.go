//go:build linux

package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/natstest"
	"arduino-gateway/simulator"
)

// clusterRig is a cluster of three real nodes, and as many gateways with a part of the
// boards each. All run as docs/cluster.md says.
type clusterRig struct {
	t        *testing.T
	nodes    *natstest.Cluster
	boards   []*simulator.Board
	gateways []*running
	ears     []*ear // one at each node
	value    int    // of the last command
}

// A page of the documentation has the configuration in two blocks.
var (
	nodeBlock    = regexp.MustCompile("(?ms)^```\n(server_name: .*?)^```$")
	gatewayBlock = regexp.MustCompile("(?ms)^```yaml\n(mqtt:.*?)^```$")
	secret       = regexp.MustCompile(`user: gateway, password: "(.*?)"`)
)

// newClusterRig starts everything, with so many boards at each gateway, which print a
// numbered line every second. It returns when all devices are online.
func newClusterRig(t *testing.T, boards int) *clusterRig {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(repository(t), "docs", "cluster.md"))
	if err != nil {
		t.Fatal(err)
	}
	node, mqtt := nodeBlock.FindSubmatch(page), gatewayBlock.FindSubmatch(page)
	if node == nil || mqtt == nil {
		t.Fatal("docs/cluster.md lacks the configuration")
	}
	r := &clusterRig{t: t, nodes: natstest.Start(t, string(node[1]))}
	for i := range natstest.Size {
		r.ears = append(r.ears, hear(t, r.client(i), fmt.Sprintf("ear%d", i)))
	}
	for i := range natstest.Size {
		var own []*simulator.Board
		for k := range boards {
			own = append(own, simulator.New(t, numbered(fmt.Sprintf("g%d-%02d", i+1, k), time.Second, 0)))
		}
		r.boards = append(r.boards, own...)
		file := r.configure(i, string(mqtt[1]), string(secret.FindSubmatch(node[1])[1]), own)
		r.gateways = append(r.gateways, launch(t, file))
	}
	mqtttest.Eventually(t, "all devices online at all nodes", func() bool { return r.wrongStatus(noNode) == "" })
	return r
}

// configure writes the devices.yaml of gateway i and the file with its password.
func (r *clusterRig) configure(i int, mqtt, password string, boards []*simulator.Board) (file string) {
	r.t.Helper()
	for k, n := range r.nodes.Nodes {
		mqtt = strings.Replace(mqtt, fmt.Sprintf("mqtt://192.0.2.%d:1883", k+1), n.URL().String(), 1)
	}
	var devices strings.Builder
	for _, b := range boards {
		fmt.Fprintf(&devices, "  %s: {port: %q, commands: {led: {type: int}}}\n", b.Name(), b.Path())
	}
	dir := r.t.TempDir()
	file = filepath.Join(dir, "devices.yaml")
	text := fmt.Sprintf("gateway: {id: g%d}\n%sspool: {dir: %q}\nhttp: {listen: off}\ndevices:\n%s", i+1, mqtt, filepath.Join(dir, "state"), &devices)
	if err := writeFile(file, text); err != nil {
		r.t.Fatal(err)
	}
	if err := writeFile(filepath.Join(dir, "mqtt.password"), password); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// noNode is where nothing happens.
const noNode = -1

// client returns the URL of a node for other clients.
func (r *clusterRig) client(node int) *url.URL {
	u := *r.nodes.Nodes[node].URL()
	u.User = url.UserPassword("gateway", "change-me")
	return &u
}

// busiest returns the node that has most connections.
func (r *clusterRig) busiest() (node int) {
	r.t.Helper()
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		r.t.Fatal(err)
	}
	count := connections(string(table))
	at := func(i int) int { return count[r.nodes.Nodes[i].URL().Port()] }
	for i := range r.nodes.Nodes {
		if at(i) > at(node) {
			node = i
		}
	}
	return node
}

// connections counts established connections by the port of the other end. A line of
// the table begins so; the ports are hexadecimal, and state 01 is ESTABLISHED:
//
//	12: 0100007F:C7F4 0100007F:4E20 01 00000000:00000000
func connections(table string) map[string]int {
	count := map[string]int{}
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 3 && f[3] == "01" {
			_, hex, _ := strings.Cut(f[2], ":")
			port, _ := strconv.ParseUint(hex, 16, 16)
			count[strconv.FormatUint(port, 10)]++
		}
	}
	return count
}

// awaitAll waits until an ear has heard each board since begin.
func (r *clusterRig) awaitAll(e *ear, begin time.Time) {
	r.t.Helper()
	ctx := testContext(r.t)
	for _, device := range r.devices() {
		for {
			if lines := e.lines(device); len(lines) > 0 && lines[len(lines)-1].at.After(begin) {
				break
			}
			select {
			case <-ctx.Done():
				r.t.Fatalf("nothing came from %s", device)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

// devices returns the IDs of all devices.
func (r *clusterRig) devices() (ids []string) {
	for _, b := range r.boards {
		ids = append(ids, b.Name())
	}
	return ids
}

// others returns the nodes to which nothing happens, the one of the witness first.
func (r *clusterRig) others(struck int) (nodes []*url.URL) {
	for i := range natstest.Size {
		if k := (struck + 1 + i) % natstest.Size; k != struck {
			nodes = append(nodes, r.client(k))
		}
	}
	return nodes
}
