//go:build linux

package main

import (
	"flag"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/natstest"
)

// A cluster as docs/cluster.md describes it keeps every line, answers every command and
// shows the right status, whatever happens to one node. make test runs the short form;
// make cluster sets this flag and prints a table.
var clusterBoards = flag.Int("cluster", 0, "run the cluster test at full length with so many boards at each gateway, and print its table")

// What may take how long. From one reading of a board to the next, nats-server 2.9 may
// take longer when a node that was cut off is back: it has no leader for that time.
const (
	readingsLimit = 20 * time.Second // from one reading of a board to the next
	leaderless    = 45 * time.Second // the same, with 2.9 after a cut
	answerLimit   = time.Minute      // from a command to its result
	statusLimit   = time.Minute      // until all nodes have the right status of all devices
)

// fault happens to one node, and ends later.
type fault struct {
	what, end string
	hit, mend func(c *natstest.Cluster, node int)
}

// limit returns how long readings of a board may be away after the fault has ended.
func (f fault) limit(c *natstest.Cluster) time.Duration {
	if strings.HasPrefix(c.Version(), "2.9.") && f.end == joined {
		return leaderless
	}
	return readingsLimit
}

const joined = "it is joined"

var allFaults = []fault{
	{"one node killed", "it is back",
		func(c *natstest.Cluster, i int) { c.Nodes[i].Kill() },
		func(c *natstest.Cluster, i int) { c.Nodes[i].Restart() }},
	{"one node cut off from the others", joined,
		(*natstest.Cluster).Part, (*natstest.Cluster).Join},
	{"one node frozen", "it is thawed",
		func(c *natstest.Cluster, i int) { c.Nodes[i].Freeze() },
		func(c *natstest.Cluster, i int) { c.Nodes[i].Thaw() }},
}

// One node of three is killed. make cluster also cuts one off and freezes one.
func TestCluster_KeepsEverythingWithoutANode(t *testing.T) {
	t.Parallel()
	boards, lasting, faults := 3, 10*time.Second, allFaults[:1]
	if *clusterBoards > 0 {
		boards, lasting, faults = *clusterBoards, 40*time.Second, allFaults
	}
	r := newClusterRig(t, boards)
	r.during("all nodes up", noNode, noNode, lasting/4, func() {}).sound(t, readingsLimit)
	for _, f := range faults {
		node := r.busiest()
		r.during(f.what, node, node, lasting, func() { f.hit(r.nodes, node) }).sound(t, readingsLimit)
		if *clusterBoards > 0 {
			r.during(f.what+", "+f.end, node, noNode, lasting/2, func() { f.mend(r.nodes, node) }).sound(t, f.limit(r.nodes))
		}
	}
}

// during does something and watches the cluster for a while, then until all commands
// are answered and the status is right, or it is too late for that. Node away cannot be
// asked; clients avoid node struck.
func (r *clusterRig) during(what string, struck, away int, lasting time.Duration, do func()) *outcome {
	r.t.Helper()
	witness := r.ears[(struck+1)%natstest.Size]
	r.awaitAll(witness, time.Now())
	begin := time.Now()
	do()
	c := commander{nodes: r.others(struck), devices: r.devices(), value: &r.value}
	s := statusWatch{r: r, away: away, begin: begin}
	stopCommands, stopStatus := goUntil(c.run), goUntil(s.run)
	time.Sleep(lasting)
	stopCommands()
	for deadline := time.Now().Add(answerLimit); time.Now().Before(deadline) && r.unanswered(c.sent) > 0; {
		time.Sleep(100 * time.Millisecond)
	}
	stopStatus()
	o := &outcome{what: what, begin: begin, status: s.lasted, wrong: s.wrong}
	o.countLines(r, witness)
	o.countCommands(r, c.sent)
	o.row()
	return o
}

// goUntil runs a function until stop is called, which waits for it.
func goUntil(run func(done <-chan struct{})) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		run(done)
	}()
	return func() {
		close(done)
		<-ended
	}
}

// sound fails the test if something took too long or was lost.
func (o *outcome) sound(t *testing.T, gap time.Duration) {
	t.Helper()
	if o.lost > 0 || o.gap > gap || o.unanswered > 0 || o.slowest > answerLimit || o.status > statusLimit || o.wrong != "" {
		t.Errorf("%+v", *o)
	}
}
