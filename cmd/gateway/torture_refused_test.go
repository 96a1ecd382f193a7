//go:build linux

package main

import (
	"bufio"
	"bytes"
	varint "encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// refuser passes packets between clients and mosquitto, and ends a connection over some
// messages, as AWS IoT and RabbitMQ do: mosquitto acknowledges and drops what its access
// rules forbid.
type refuser struct {
	listener net.Listener
	broker   string
	refuses  func(topic string) bool
	ends     atomic.Int64
	wg       sync.WaitGroup
	ended    chan struct{}
}

func newRefuser(t *testing.T, broker *url.URL, refuses func(topic string) bool) *refuser {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &refuser{listener: l, broker: broker.Host, refuses: refuses, ended: make(chan struct{})}
	r.wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			r.wg.Go(func() { r.pass(client) })
		}
	})
	t.Cleanup(func() { l.Close(); close(r.ended); r.wg.Wait() })
	return r
}

func (r *refuser) url() *url.URL { return &url.URL{Scheme: "mqtt", Host: r.listener.Addr().String()} }

// pass ends both connections when one of them or the test ends.
func (r *refuser) pass(client net.Conn) {
	defer client.Close()
	broker, err := net.Dial("tcp4", r.broker)
	if err != nil {
		return
	}
	defer broker.Close()
	done := make(chan struct{}, 2)
	r.wg.Go(func() { r.up(broker, bufio.NewReader(client)); done <- struct{}{} })
	r.wg.Go(func() { _, _ = io.Copy(client, broker); done <- struct{}{} })
	select {
	case <-done:
	case <-r.ended:
	}
}

// up passes the client's packets on, up to the first message that is refused.
func (r *refuser) up(broker net.Conn, client *bufio.Reader) {
	for {
		packet, err := readPacket(client)
		if err != nil {
			return
		}
		if packet[0]>>4 == 3 && r.refuses(topicOf(packet)) {
			r.ends.Add(1)
			return
		}
		if _, err := broker.Write(packet); err != nil {
			return
		}
	}
}

// topicOf returns the topic of a PUBLISH packet.
func topicOf(packet []byte) string {
	_, n := varint.Uvarint(packet[1:])
	body := packet[1+n:]
	return string(body[2 : 2+varint.BigEndian.Uint16(body)])
}

// kept counts the messages that the gateway has put aside, by their topics.
func (r *rig) kept() map[string]int {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "state", "refused", "*.jsonl"))
	if err != nil {
		r.t.Fatal(err)
	}
	counts := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var m struct{ Topic, Payload, Reason string }
			if err := json.Unmarshal(line, &m); err != nil || m.Payload == "" || m.Reason == "" {
				r.t.Fatalf("%s: %.200s: %v", file, line, err)
			}
			counts[m.Topic]++
		}
	}
	return counts
}

// expectNothingAside fails the test if a message was put aside: no broker has refused one.
func (r *rig) expectNothingAside() {
	r.t.Helper()
	if kept := r.kept(); len(kept) > 0 {
		r.t.Errorf("put aside: %v", kept)
	}
}

// awaitAside sends commands until one is answered after the result that is refused was
// put aside: a session without a connection gets none.
func (r *rig) awaitAside(b *simulator.Board) {
	r.t.Helper()
	topic := "devices/" + b.Name()
	for ctx := testContext(r.t); r.heard.count(topic+"/result/unknown") == 0 || r.kept()[topic+"/result/bad"] == 0; {
		r.publish(topic+"/set/unknown", "1")
		select {
		case <-r.heard.next():
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("%s answers nothing", b.Name())
		}
	}
}

// TestTorture_RefusedTopics has boards print readings that the broker refuses, and gives
// them commands whose results it refuses. Everything else arrives, and each refused
// message is put aside.
func TestTorture_RefusedTopics(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	network := newRefuser(t, r.broker.URL(), func(topic string) bool {
		return strings.HasSuffix(topic, "/bad") || strings.HasSuffix(topic, "/worse")
	})
	boards := streams(t, often(3, 8), 20*time.Millisecond)
	r.via, r.mqtt = network.url(), ", reconnect: {max_delay: 2s}"
	p := launch(t, r.configure(devicesFor(boards...)))
	r.awaitEach(boards, 10)
	rounds := often(3, 100)
	for i := range rounds {
		for _, b := range boards {
			b.Println(fmt.Sprintf("bad=%d good=%d worse=%d", i, i, i))
		}
		for _, b := range boards {
			r.await("devices/"+b.Name()+"/good", ending(fmt.Sprint(i)))
		}
	}
	for _, b := range boards {
		r.publish("devices/"+b.Name()+"/set/bad", "1")
	}
	for _, b := range boards {
		r.awaitAside(b)
	}
	ends := network.ends.Load()
	c := r.finish(boards)
	kept := r.kept()
	for _, b := range boards {
		for _, topic := range []string{"bad", "worse"} {
			if n := kept["devices/"+b.Name()+"/"+topic]; n != rounds {
				t.Errorf("%d of %d put aside of %s/%s", n, rounds, b.Name(), topic)
			}
		}
		if n := kept["devices/"+b.Name()+"/result/bad"]; n != 1 {
			t.Errorf("%d results put aside of %s", n, b.Name())
		}
	}
	if strings.Contains(p.log.String(), "another gateway") || strings.Contains(p.log.String(), "connections end early") {
		t.Error("the log blames another client")
	}
	c.row(fmt.Sprintf("%d boards, 3 topics of each refused", len(boards)), fmt.Sprintf("put aside: %d; connections ended by the broker: %d", len(boards)*(2*rounds+1), ends))
	c.sound(t)
}
