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
	last   string
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
	b.last = p.TopicName + " " + string(p.Payload)
	if !b.mute(p.TopicName) {
		return true
	}
	b.owed = append(b.owed, p.MessageID)
	return false
}

func (b *broker) saw() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
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

// Readings and the newest results go on while a broker acknowledges none of 120,000
// results, and the table of what is in flight stays bounded.
func TestStream_ResultsWithoutPuback(t *testing.T) {
	const flooding, size = 120_000, 100
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
	if most > size+1 { // and the status
		t.Errorf("%d publishes in flight", most)
	}
	if n := f.Counts().ResultsDropped; n < flooding-MaxResults || n > flooding {
		t.Errorf("%d results dropped", n)
	}
	f.broker.acknowledge()
	mqtttest.Eventually(t, "the last result", func() bool { return strings.HasPrefix(f.broker.saw(), "uno/result/last ") })
	close(f.drain)
	f.await(t, "the end")
}

// A status that changes and messages that are replaced without a PUBACK take no more
// identifiers than one each.
func TestStream_ReplacedMessagesWithoutPuback(t *testing.T) {
	f := flood(t, Options{MaxInflight: 10}, func(topic string) bool { return topic != "uno/n" })
	for i := range 3 * identifiers {
		f.SetStatus([]string{Online, Offline}[i%2])
		f.Retain(fmt.Sprint("config/", i%3), []byte("new"), nil)
	}
	f.source.Add(mqtttest.Numbered(1))
	mqtttest.Eventually(t, "the line", func() bool { return f.source.Acked() == 1 })
	if n := f.inFlight(); n > 1+3 {
		t.Errorf("%d publishes in flight", n)
	}
}

// Results wait for their turn while lines fill the table, and go before more lines.
func TestInflight_SharesItsRoom(t *testing.T) {
	for size, most := range map[int]int{1: 1, 2: 1, 3: 1, 10: 5, 101: 50} {
		f := newInflight(empty{}, new(queue), wake.NewSignal(), new(counters), size)
		messages := 0
		for f.roomForMessage() {
			messages++
			f.enter(item{kind: ofMessage, number: uint64(messages)})
		}
		if messages != most {
			t.Errorf("size %d: %d messages, want %d", size, messages, most)
		}
		lines := uint64(0)
		var last uint16
		for f.room() {
			last = f.enter(f.open(lines, 1))
			lines++
		}
		if want := max(1, size-most); lines != uint64(want) {
			t.Errorf("size %d: %d lines, want %d", size, lines, want)
		}
		f.forget([]uint64{1, 1, 99})
		if size > 1 != f.roomForMessage() {
			t.Errorf("size %d: a dropped message gives no room", size)
		}
		f.acked(mqttconn.FirstID) // of the dropped one
		f.acked(last)
		if len(f.items) != messages-1+int(lines)-1 {
			t.Errorf("size %d: %d items", size, len(f.items))
		}
	}
}

// A message that finds no room is published after the next PUBACK, however many lines
// wait.
func TestInflight_WakesForAMessage(t *testing.T) {
	f := newInflight(empty{}, new(queue), wake.NewSignal(), new(counters), 4)
	var ids []uint16
	for seq := uint64(0); f.room(); seq++ {
		ids = append(ids, f.enter(f.open(seq, 1)))
	}
	if len(f.wake) > 0 || f.roomForMessage() {
		t.Fatal("there is room")
	}
	f.acked(ids[0])
	if len(f.wake) != 1 || !f.queue.fresh.Load() || !f.roomForMessage() {
		t.Error("no wake")
	}
}

// The queue is bounded in bytes. The oldest goes first, but a rejection never displaces
// another result, and each is over once.
func TestQueue_IsBounded(t *testing.T) {
	q, over := new(queue), map[int]int{}
	result := func(i, bytes int, rejection bool) int {
		return q.result(message{command: "led", payload: make([]byte, bytes), done: func() { over[i]++ }}, rejection)
	}
	for i := range maxRejections {
		if n := result(i, 10, true); n != 0 {
			t.Errorf("%d dropped for %d", n, i)
		}
	}
	if result(1000, 10, true) != 1 || over[1000] != 1 || result(1001, 10, false) != 0 {
		t.Error("a rejection was queued, or a result was not")
	}
	if n := result(1002, maxResultBytes, false); n != maxRejections+1 || q.results.count != 1 || over[0] != 1 || over[1002] != 0 {
		t.Errorf("%d dropped, %+v, %v", n, q.results, over)
	}
	dropped := 0
	for i := range 40 {
		dropped += q.retain(message{topic: fmt.Sprint("config/", i), payload: make([]byte, 1<<20)})
	}
	if q.retained.bytes > maxRetainedBytes || dropped != 40-q.retained.count || q.retained.count != 15 {
		t.Errorf("%d dropped, %+v", dropped, q.retained)
	}
	for q.more() {
		m, _ := q.next()
		q.acked(m.number)
	}
	if q.results != (load{}) || q.retained != (load{}) || !q.empty() || over[1002] != 1 {
		t.Errorf("%+v %+v, %v", q.results, q.retained, over)
	}
}
