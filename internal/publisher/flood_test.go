package publisher

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/wake"
)

// broker is a Connection whose far end acknowledges what a test wants. No real broker
// acknowledges some messages and not others.
type broker struct {
	t     *testing.T
	acked func(id uint16)
	lost  chan struct{}

	mu     sync.Mutex
	mute   func(topic string) bool // what gets no PUBACK
	owed   []uint16                // identifiers without a PUBACK
	topics map[string]int
}

func (b *broker) Lost() <-chan struct{} { return b.lost }

func (b *broker) Write(wire []byte) (int, error) {
	for read := bytes.NewReader(wire); read.Len() > 0; {
		packet, err := packets.ReadPacket(read)
		if err != nil {
			b.t.Error(err)
			return 0, err
		}
		p := packet.(*packets.PublishPacket)
		if b.take(p) {
			b.acked(p.MessageID)
		}
	}
	return len(wire), nil
}

// take counts a packet, and reports whether it gets a PUBACK.
func (b *broker) take(p *packets.PublishPacket) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.topics[p.TopicName]++
	if !b.mute(p.TopicName) {
		return true
	}
	b.owed = append(b.owed, p.MessageID)
	return false
}

func (b *broker) saw(topic string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.topics[topic] > 0
}

// acknowledge sends the PUBACKs that it owes, and from now on all.
func (b *broker) acknowledge() {
	b.mu.Lock()
	owed := b.owed
	b.owed, b.mute = nil, func(string) bool { return false }
	b.mu.Unlock()
	for _, id := range owed {
		b.acked(id)
	}
}

func mutesResults(topic string) bool { return strings.Contains(topic, "/result/") }

// flooded is a publisher with a running stream to a broker that mutes some topics.
type flooded struct {
	*Publisher
	source *mqtttest.Source
	stream *Stream
	broker *broker
	drain  chan struct{}
	ended  chan struct{}
}

func flood(t *testing.T, o Options, mute func(topic string) bool) *flooded {
	t.Helper()
	f := &flooded{source: mqtttest.NewSource(t), drain: make(chan struct{}), ended: make(chan struct{})}
	f.Publisher = New(f.source)
	o.Topic, o.StatusTopic, o.QoS, o.Values = "uno", "uno/status", 1, true
	f.Configure(o)
	f.stream = f.NewStream()
	f.broker = &broker{t: t, acked: f.stream.Acked, mute: mute, topics: map[string]int{}, lost: make(chan struct{})}
	go func() {
		defer close(f.ended)
		f.stream.Run(f.broker, f.drain, nil)
	}()
	t.Cleanup(func() {
		close(f.broker.lost)
		f.await(t, "the end of the stream")
	})
	return f
}

func (f *flooded) await(t *testing.T, what string) {
	t.Helper()
	select {
	case <-f.ended:
	case <-time.After(30 * time.Second):
		t.Fatalf("did not come: %s", what)
	}
}

// inFlight returns how many publishes have no PUBACK.
func (f *flooded) inFlight() int {
	f.stream.inflight.mu.Lock()
	defer f.stream.inflight.mu.Unlock()
	return len(f.stream.inflight.items)
}

// Readings and the newest results go on while a broker acknowledges no result, and the
// table of what is in flight stays bounded.
func TestStream_ResultsWithoutPuback(t *testing.T) {
	const flooding, size = 50_000, 100 // there are 32,768 identifiers
	f := flood(t, Options{MaxInflight: size}, mutesResults)
	most := 0
	for i := range flooding {
		if i%100 == 0 {
			f.source.Add(mqtttest.Numbered(uint64(1 + i/100)))
			most = max(most, f.inFlight())
		}
		f.Result(fmt.Sprint(i%7), device.Result{Status: device.Sent}, nil)
	}
	f.Result("last", device.Result{Status: device.Sent}, nil)
	mqtttest.Eventually(t, "all lines", func() bool { return f.source.Acked() == flooding/100 })
	if most > size+2*MaxResults+1 { // those that wait, those dropped since, and the status
		t.Errorf("%d publishes in flight", most)
	}
	if n := f.Counts().ResultsDropped; n < flooding-MaxResults || n > flooding {
		t.Errorf("%d results dropped", n)
	}
	mqtttest.Eventually(t, "the last result", func() bool { return f.broker.saw("uno/result/last") })
	f.broker.acknowledge()
	close(f.drain)
	f.await(t, "the end")
}

// A status that changes and messages that are replaced without a PUBACK take no more
// identifiers than one each.
func TestStream_ReplacedMessagesWithoutPuback(t *testing.T) {
	f := flood(t, Options{MaxInflight: 10}, func(topic string) bool { return topic != "uno/n" })
	for i := range identifiers + 1000 {
		f.SetStatus([]string{Online, Offline}[i%2])
		f.Retain(fmt.Sprint("config/", i%3), []byte("new"), nil)
	}
	f.source.Add(mqtttest.Numbered(1))
	mqtttest.Eventually(t, "the line", func() bool { return f.source.Acked() == 1 })
	if n := f.inFlight(); n > 1+3 {
		t.Errorf("%d publishes in flight", n)
	}
}

// Lines give room to messages in flight, up to half of the table.
func TestInflight_SharesItsRoom(t *testing.T) {
	for _, c := range []struct{ size, messages, lines int }{{1, 0, 1}, {1, 9, 1}, {3, 9, 2}, {10, 3, 7}, {100, 5000, 50}} {
		f := newInflight(empty{}, new(queue), wake.NewSignal(), new(counters), c.size)
		for i := range c.messages {
			f.enter(item{kind: ofMessage, number: uint64(i)})
		}
		lines := 0
		for f.room() {
			f.enter(f.open(uint64(lines), 1))
			lines++
		}
		if lines != c.lines {
			t.Errorf("%+v: %d lines", c, lines)
		}
		if c.messages > 0 {
			f.forget([]uint64{0, 0, 1 << 40})
			f.acked(mqttconn.FirstID) // of the one that was dropped
			if len(f.items) != c.messages-1+lines {
				t.Errorf("%+v: %d items", c, len(f.items))
			}
		}
	}
}

// Everything that may be in flight has an identifier: the largest table, a long line, and
// all messages that wait.
func TestBounds_LeaveIdentifiersFree(t *testing.T) {
	const mostInflight, longLine = 10_000, 1024 // publishes: MaxInflight, and the bytes of a line
	most := mostInflight + longLine
	for _, b := range bounds {
		most += 2 * b.count // as many may be dropped before the stream gives their identifiers back
	}
	if most > identifiers*2/3 {
		t.Errorf("%d of %d identifiers", most, identifiers)
	}
}

// The queue is bounded in messages and bytes. The oldest of its kind goes first, and each is
// over once.
func TestQueue_IsBounded(t *testing.T) {
	q, over := new(queue), map[int]int{}
	put := func(i int, k kind, bytes int) int {
		return q.put(message{kind: k, topic: fmt.Sprint(i), payload: make([]byte, bytes), done: func() { over[i]++ }})
	}
	if put(-1, ofCommand, 10) != 0 {
		t.Error("dropped the first")
	}
	for k, most := range bounds {
		dropped := 0
		for i := range most.count + 3 {
			dropped += put(10_000*k+i, kind(k), 10)
		}
		if want := 3 + map[kind]int{ofCommand: 1}[kind(k)]; dropped != want || q.loads[k].count != most.count {
			t.Errorf("kind %d: %d dropped, %+v", k, dropped, q.loads[k])
		}
	}
	if over[-1] != 1 || over[10_000] != 1 || over[10_002] != 1 || over[10_003] != 0 || over[20_000] != 0 {
		t.Errorf("%v", over)
	}
	for k, most := range bounds {
		if n := put(90_000+k, kind(k), most.bytes); n != most.count || q.loads[k].count != 1 || over[90_000+k] != 0 {
			t.Errorf("kind %d: %d dropped for a large one, %+v", k, n, q.loads[k])
		}
	}
	for q.unsent() > 0 {
		m, _ := q.next()
		q.acked(m.number)
	}
	if q.loads != ([kinds]load{}) || !q.empty() || over[90_000] != 1 {
		t.Errorf("%+v", q.loads)
	}
}
