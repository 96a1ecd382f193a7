//go:build linux

package main

import (
	"net/url"
	"strconv"
	"time"

	"arduino-gateway/internal/mqtttest"
)

// commander is an independent client that sends commands to all devices, each with a
// value of its own. It publishes a command again, over a new connection, until a node
// has acknowledged it.
type commander struct {
	nodes   []*url.URL // tried in turn
	devices []string
	value   *int // of the last command
	sent    []sentCommand
}

type sentCommand struct {
	device, value string
	at            time.Time // of the first attempt
}

// run sends a round of commands every few seconds until done is closed.
func (c *commander) run(done <-chan struct{}) {
	next := time.NewTicker(4 * time.Second)
	defer next.Stop()
	for {
		var round []sentCommand
		for _, device := range c.devices {
			*c.value++
			round = append(round, sentCommand{device, strconv.Itoa(*c.value), time.Now()})
		}
		c.sent = append(c.sent, round...)
		for i := 0; len(round) > 0; i++ {
			round = publish(c.nodes[i%len(c.nodes)], round)
		}
		select {
		case <-done:
			return
		case <-next.C:
		}
	}
}

// publish returns the commands that the node has not acknowledged.
func publish(node *url.URL, round []sentCommand) (left []sentCommand) {
	client, err := mqtttest.TryConnect(node, 5*time.Second)
	defer client.Disconnect(100)
	if err != nil {
		time.Sleep(500 * time.Millisecond)
		return round
	}
	acked := make([]func() bool, len(round))
	late := time.Now().Add(10 * time.Second)
	for i, o := range round {
		token := client.Publish("devices/"+o.device+"/set/led", 1, false, o.value)
		acked[i] = func() bool { return token.WaitTimeout(time.Until(late)) && token.Error() == nil }
	}
	for i, o := range round {
		if !acked[i]() {
			left = append(left, o)
		}
	}
	return left
}
