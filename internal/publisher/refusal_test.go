package publisher

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqtttest"
)

// world is a broker and the network before it, in simulated time. A real broker could not
// end ten thousand connections at chosen times.
type world struct {
	t         *testing.T
	publisher *Publisher
	source    *mqtttest.Source
	trip      time.Duration                       // from a PUBLISH to its PUBACK
	closes    func(p *packets.PublishPacket) bool // whether it ends the connection
	lives     func() time.Duration                // when a connection ends anyway; nil: never
	connected func()                              // called with each connection
	got       []string                            // TOPIC PAYLOAD of what was acknowledged
	aside     []device.Refused
	cleared   int
	endings   int
}

func newWorld(t *testing.T, o Options) *world {
	w := &world{t: t, source: mqtttest.NewSource(t), trip: 10 * time.Millisecond, closes: func(*packets.PublishPacket) bool { return false }, connected: func() {}}
	w.publisher = New(w.source)
	w.publisher.PutAside(func(m device.Refused) {
		m.Payload = bytes.Clone(m.Payload)
		w.aside = append(w.aside, m)
	}, func() { w.cleared++ })
	w.publisher.Configure(o)
	w.publisher.SetStatus(Online)
	return w
}

// link is one connection.
type link struct {
	*world
	acked func(uint16)
	lost  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup
	last  chan struct{} // closed when the write before is answered
}

func (l *link) end()                  { l.once.Do(func() { close(l.lost) }) }
func (l *link) Lost() <-chan struct{} { return l.lost }

// Write answers each packet after a round trip, in order.
func (l *link) Write(p []byte) (int, error) {
	var all []*packets.PublishPacket
	for r := bytes.NewReader(p); r.Len() > 0; {
		packet, err := packets.ReadPacket(r)
		if err != nil {
			l.t.Fatal(err)
		}
		all = append(all, packet.(*packets.PublishPacket))
	}
	before, mine := l.last, make(chan struct{})
	l.last = mine
	l.wg.Go(func() {
		defer close(mine)
		time.Sleep(l.trip)
		<-before
		for _, packet := range all {
			select {
			case <-l.lost:
				return
			default:
			}
			if l.closes(packet) {
				l.end()
				return
			}
			l.got = append(l.got, packet.TopicName+" "+string(packet.Payload))
			if packet.Qos > 0 {
				l.acked(packet.MessageID)
			}
		}
	})
	return len(p), nil
}

// connect runs one connection until it ends or done is closed.
func (w *world) connect(done <-chan struct{}) {
	w.connected()
	stream := w.publisher.NewStream()
	l := &link{world: w, acked: stream.Acked, lost: make(chan struct{}), last: make(chan struct{})}
	close(l.last)
	if w.lives != nil {
		timer := time.AfterFunc(w.lives(), l.end)
		defer timer.Stop()
	}
	stream.Run(l, nil, done)
	l.wg.Wait()
	select {
	case <-l.lost:
		w.endings++
		w.publisher.Lost(true, time.Now())
	default:
	}
}

// until connects again and again, until ok or for the time.
func (w *world) until(limit time.Duration, ok func() bool) {
	w.t.Helper()
	done := make(chan struct{})
	stop := time.AfterFunc(limit, func() { close(done) })
	defer stop.Stop()
	var watch sync.WaitGroup
	ended := make(chan struct{})
	watch.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
				if ok() && stop.Stop() {
					close(done)
					return
				}
			}
		}
	})
	for {
		w.connect(done)
		select {
		case <-done:
			close(ended)
			watch.Wait()
			if !ok() {
				w.t.Fatalf("not within %v: %d acknowledged, %d endings, aside %v", limit, w.source.Acked(), w.endings, w.aside)
			}
			return
		case <-time.After(rand.N(time.Second)):
		}
	}
}

// payloads returns what came on a topic, without what came twice.
func (w *world) payloads(topic string) (all []string) {
	for _, text := range w.got {
		if payload, ok := strings.CutPrefix(text, topic+" "); ok && !slices.Contains(all, payload) {
			all = append(all, payload)
		}
	}
	return all
}

func unoOptions() Options {
	return Options{StatusTopic: "uno/status", Topic: "uno", QoS: 1, Values: true, MaxInflight: 100}
}

func line(seq uint64, readings ...device.Reading) device.Line {
	return device.Line{Time: time.Now(), Seq: seq, Readings: readings}
}

// on refuses messages on a topic.
func on(topic string) func(*packets.PublishPacket) bool {
	return func(p *packets.PublishPacket) bool { return p.TopicName == topic }
}

// A reading on a topic that the broker refuses is put aside; every other one arrives in
// order, also those of the same line.
func TestPublisher_RefusedTopic(t *testing.T) {
	for qos := range byte(2) {
		synctest.Test(t, func(t *testing.T) {
			o := unoOptions()
			o.QoS = qos
			w := newWorld(t, o)
			w.closes = on("uno/bad")
			const lines = 500
			var board sync.WaitGroup
			board.Go(func() {
				for seq := range uint64(lines) {
					n := fmt.Sprint(seq + 1)
					w.source.Add(line(seq+1, device.Reading{Name: "a", Value: n}, device.Reading{Name: "bad", Value: n}, device.Reading{Name: "b", Value: n}))
					time.Sleep(200 * time.Millisecond)
				}
			})
			begin := time.Now()
			w.until(10*time.Minute, func() bool { return w.source.Acked() == lines })
			board.Wait()
			t.Logf("QoS %d: %v, %d endings", qos, time.Since(begin), w.endings)
			if qos == 0 {
				// What was on its way when the first connection ended is lost.
				if n := len(w.aside); n < lines-10 || len(w.payloads("uno/b")) < lines-10 {
					t.Errorf("%d put aside, %d others", n, len(w.payloads("uno/b")))
				}
				return
			}
			for _, topic := range []string{"uno/a", "uno/b"} {
				all := w.payloads(topic)
				for i, payload := range all {
					if payload != fmt.Sprint(i+1) {
						t.Fatalf("%s: %s is number %d", topic, payload, i)
					}
				}
				if len(all) != lines {
					t.Errorf("%s: %d", topic, len(all))
				}
			}
			if len(w.aside) != lines || string(w.aside[lines-1].Payload) != fmt.Sprint(lines) || w.aside[0].Topic != "uno/bad" || w.endings > 16 {
				t.Errorf("%d put aside, the last %+v; %d endings", len(w.aside), w.aside[len(w.aside)-1], w.endings)
			}
			if n := w.publisher.Counts().Refused; n != lines {
				t.Error(n)
			}
		})
	}
}

// Of a size limit only the long messages are put aside.
func TestPublisher_SizeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unoOptions())
		w.closes = func(p *packets.PublishPacket) bool { return len(p.Payload) > 100 }
		for seq := range uint64(300) {
			w.source.Add(line(seq+1, device.Reading{Name: "note", Value: strings.Repeat("x", int(seq%30+1)*10)}))
		}
		w.until(time.Hour, func() bool { return w.source.Acked() == 300 })
		for _, m := range w.aside {
			if len(m.Payload) <= 100 {
				t.Errorf("%d bytes put aside", len(m.Payload))
			}
		}
		if len(w.aside) != 200 || len(w.payloads("uno/note")) != 10 {
			t.Errorf("%d put aside, %d lengths arrived", len(w.aside), len(w.payloads("uno/note")))
		}
	})
}

// A result, a message to retain and the status are put aside, too, and done is called.
func TestPublisher_RefusedMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unoOptions())
		w.closes = func(p *packets.PublishPacket) bool { return p.TopicName == "uno/result/bad" || p.TopicName == "ha/bad" }
		var mu sync.Mutex
		done := 0
		count := func() { mu.Lock(); defer mu.Unlock(); done++ }
		for _, command := range []string{"good", "bad", "better"} {
			w.publisher.Result(command, device.Result{Status: device.Sent}, count)
		}
		w.publisher.Retain("ha/bad", []byte("{}"), count)
		w.publisher.Retain("ha/good", []byte("{}"), count)
		w.source.Add(mqtttest.Numbered(1))
		w.until(10*time.Minute, func() bool { mu.Lock(); defer mu.Unlock(); return done == 5 && w.source.Acked() == 1 })
		if len(w.aside) != 2 || w.aside[0].Topic != "uno/result/bad" || w.aside[1].Topic != "ha/bad" || !w.aside[1].Retain {
			t.Errorf("%+v", w.aside)
		}
	})
}

// The first message of a connection may be refused before there is a status.
func TestPublisher_RefusedBeforeStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unoOptions())
		w.closes = on("uno/bad")
		w.connected = func() {
			w.publisher.SetStatus("")
			time.AfterFunc(300*time.Millisecond, func() { w.publisher.SetStatus(Online) })
		}
		w.source.Add(line(1, device.Reading{Name: "bad", Value: "1"}), mqtttest.Numbered(2))
		w.until(time.Minute, func() bool { return w.source.Acked() == 2 })
		time.Sleep(time.Second)
		if len(w.aside) != 1 || w.endings > 6 {
			t.Errorf("%d endings, %+v", w.endings, w.aside)
		}
	})
}

// Without its status a device goes on.
func TestPublisher_RefusedStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unoOptions())
		w.closes = on("uno/status")
		w.source.Add(mqtttest.Numbered(1))
		w.until(10*time.Minute, func() bool { return w.source.Acked() == 1 })
		if len(w.aside) != 1 || w.aside[0].Topic != "uno/status" {
			t.Errorf("%+v", w.aside)
		}
	})
}

// A broker that refuses everything, such as one whose quota is used up, gets everything
// later: no line is put aside.
func TestPublisher_RefusesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unoOptions())
		var mended atomic.Bool
		w.closes = func(*packets.PublishPacket) bool { return !mended.Load() }
		for seq := range uint64(100) {
			w.source.Add(mqtttest.Numbered(seq + 1))
		}
		time.AfterFunc(3*time.Hour, func() { mended.Store(true) })
		w.until(5*time.Hour, func() bool { return w.source.Acked() == 100 })
		for _, m := range w.aside {
			if m.Topic != "uno/status" {
				t.Errorf("%+v", m)
			}
		}
		if w.cleared != 1 {
			t.Errorf("cleared %d times", w.cleared)
		}
	})
}

// Whenever connections end for another reason, be it another client with the same ID
// over a network so slow that a message is always on its way, nothing is put aside.
func TestPublisher_OtherEndings(t *testing.T) {
	for name, c := range map[string]struct {
		lines int // in two hours
		trip  time.Duration
		lives func() time.Duration
	}{
		"twin, fast network":     {20_000, time.Millisecond, func() time.Duration { return rand.N(10 * time.Second) }},
		"twin, slow network":     {10_000, 500 * time.Millisecond, func() time.Duration { return rand.N(10 * time.Second) }},
		"twin, slow line":        {400, 500 * time.Millisecond, func() time.Duration { return rand.N(10 * time.Second) }},
		"twin, eager":            {10_000, 200 * time.Millisecond, func() time.Duration { return rand.N(time.Second) }},
		"broker ends all at 3s":  {10_000, 100 * time.Millisecond, func() time.Duration { return 3 * time.Second }},
		"the same, slow network": {10_000, 600 * time.Millisecond, func() time.Duration { return 3 * time.Second }},
		"broker ends all at 8s":  {5_000, 3 * time.Second, func() time.Duration { return 8 * time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, unoOptions())
				w.trip, w.lives = c.trip, c.lives
				var board sync.WaitGroup
				board.Go(func() {
					for seq := range uint64(c.lines) {
						w.source.Add(mqtttest.Numbered(seq + 1))
						time.Sleep(2 * time.Hour / time.Duration(c.lines))
					}
				})
				w.until(100*time.Hour, func() bool { return w.source.Acked() == c.lines })
				board.Wait()
				t.Logf("%d endings", w.endings)
				if len(w.aside) > 0 {
					t.Errorf("put aside: %+v", w.aside)
				}
			})
		})
	}
}

// A network that breaks every three seconds delivers as many lines on each connection as
// fit: nothing is sent one at a time while all that was on its way passes.
func TestPublisher_BreakingNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unoOptions())
		w.trip, w.lives = 300*time.Millisecond, func() time.Duration { return 3 * time.Second }
		const lines = 5000
		for seq := range uint64(lines) {
			w.source.Add(mqtttest.Numbered(seq + 1))
		}
		w.until(time.Minute, func() bool { return w.source.Acked() == lines })
		if len(w.aside) > 0 {
			t.Errorf("put aside: %+v", w.aside)
		}
	})
}
