package mqttconn

import (
	"context"
	"io"
	"net"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"

	"arduino-gateway/device"
)

// script is what a hostile broker does.
type script struct {
	accepts bool   // a CONNACK comes first
	waits   bool   // the rest comes after the client's first request
	stays   bool   // the connection is not closed after the last byte
	chunk   int    // bytes written at once
	bytes   []byte // after CONNECT
	request byte   // which one the client makes
}

// readScript takes the first bytes of a fuzzer's data for the settings.
func readScript(data []byte) (s script, ok bool) {
	if len(data) < 3 || len(data) > 1<<16 {
		return s, false
	}
	flags := data[0]
	return script{flags&1 != 0, flags&2 != 0, flags&4 != 0, 1 + int(data[1]), data[3:], data[2] % 6}, true
}

// serve plays the script to the end of the connection.
func (s script) serve(c net.Conn) {
	defer c.Close()
	buffer := make([]byte, 4096)
	if _, err := c.Read(buffer); err != nil { // CONNECT
		return
	}
	if s.accepts {
		if _, err := c.Write([]byte{0x20, 2, 0, 0}); err != nil {
			return
		}
	}
	if s.waits && s.accepts {
		if _, err := c.Read(buffer); err != nil {
			return
		}
	}
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(io.Discard, c) })
	defer reading.Wait()
	for rest := s.bytes; len(rest) > 0; {
		n := min(s.chunk, len(rest))
		if _, err := c.Write(rest[:n]); err != nil {
			return
		}
		rest = rest[n:]
	}
	if !s.stays {
		c.Close()
	}
}

// use makes the request of the script and waits until the connection ends, or a moment.
func (s script) use(c *Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	const limit = 5 * time.Millisecond
	switch s.request {
	case 0:
		_, _ = c.Subscribe(ctx, "a/#")
	case 1:
		_ = c.SubscribeAll(ctx, "a", "b")
	case 2:
		_ = c.Publish(ctx, limit, "a", "on", true)
	case 3:
		_ = c.Unsubscribe(ctx, limit, "a/#")
	case 4:
		_ = c.Ask(1, "a/#")
	case 5:
		_, _ = c.Write([]byte{0x32, 7, 0, 1, 'a', 0x80, 0, 'o', 'n'})
	}
	select {
	case <-c.Lost():
	case <-ctx.Done():
	}
}

var hostile = &url.URL{Scheme: "mqtt", Host: "hostile:1883"}

// shortTimes fit a broker in this process.
func shortTimes() Times {
	return Times{Connect: 100 * time.Millisecond, Stall: time.Second, Answer: 5 * time.Millisecond, Leave: 5 * time.Millisecond}
}

// options returns those of a client of a broker that follows the script.
func (s script) options(serving *sync.WaitGroup) Options {
	return Options{ClientID: "uno", CleanSession: true, Times: shortTimes(), Acked: func(uint16) {},
		Open: func(context.Context, *url.URL) (net.Conn, error) {
			here, there := net.Pipe()
			serving.Go(func() { s.serve(there) })
			return here, nil
		}}
}

// play connects to a broker that follows the script, and uses the connection.
func (s script) play(t *testing.T, message func(device.Message)) {
	var serving sync.WaitGroup
	defer serving.Wait()
	o := s.options(&serving)
	o.Message = message
	c, err := Dial(context.Background(), hostile, o)
	if err != nil {
		return
	}
	s.use(c)
	c.Close()
	select {
	case <-c.Lost():
		if c.Cause() == nil {
			t.Error("the connection was lost without a cause")
		}
	default:
		t.Error("a closed connection is not lost")
	}
}

// Whatever a broker sends, in whatever parts, nothing panics, the connection ends or
// goes on, nothing is left running, and memory follows what came, not what was
// announced.
func FuzzConn_HostileBroker(f *testing.F) {
	const accepts, waits, stays = 1, 2, 4
	for _, seed := range []struct {
		flags, chunk, request byte
		bytes                 string
	}{
		{0, 255, 0, "SSH-2.0-OpenSSH_9.2p1\r\n"},
		{0, 0, 0, "HTTP/1.1 400 Bad Request\r\n\r\n"},
		{0, 1, 0, "\x20\x02\x00\x05"},
		{0, 255, 0, "\x20\x03\x00\x84\x00"},
		{0, 255, 0, "\x20\xff\xff\xff\x7f\x00"},
		{0, 255, 0, "\x20\x02\x01\x00\x30\x05\x00\x01abc"},
		{stays, 255, 0, ""},
		{accepts | waits, 255, 0, "\x90\x03\x00\x01\x01"},
		{accepts | waits, 255, 0, "\x90\x03\x00\x01\x80"},
		{accepts | waits, 255, 0, "\x90\x02\x00\x01"},
		{accepts | waits, 0, 0, "\x90\x05\x00\x01\x01\x01\x01"}, // more codes than filters
		{accepts | waits, 255, 1, "\x90\x04\x00\x01\x01\x80"},
		{accepts | waits, 255, 1, "\x90\x09\x00\x01\x01\x01\x01\x01\x01\x01\x01"},
		{accepts, 255, 1, "\x90\x09\x00\x01\x01\x01\x01\x01\x01\x01\x01"},
		{accepts | waits, 255, 2, "\x40\x02\x00\x01\x40\x02\x00\x01"},
		{accepts | waits, 255, 2, "\x50\x02\x00\x01\x62\x02\x00\x01\x70\x02\x00\x01"},
		{accepts | waits, 255, 3, "\xb0\x02\x00\x01"},
		{accepts | waits, 255, 0, "\x40\x02\x00\x01"}, // a PUBACK for a SUBSCRIBE
		{accepts | waits, 255, 4, "\x90\x03\x7f\xf9\x01\x90\x04\x7f\xf9\x01\x01"},
		{accepts | waits, 255, 5, "\x40\x02\x80\x00\x40\x02\xff\xff\xd0\x00"},
		{accepts, 255, 5, "\x30\x05\x00\x01aon\x32\x07\x00\x01a\x00\x05on\x34\x07\x00\x01a\x00\x06on\x62\x02\x00\x06"},
		{accepts, 2, 5, "\x3d\x04\x00\x01a\x00"},
		{accepts, 255, 5, "\x30\xff\xff\xff\x7f\x00\x01a"},
		{accepts, 255, 5, "\x36\x07\x00\x01a\x00\x05on"},
		{accepts, 255, 5, "\x90\xff\xff\xff\x7f\x00"},
		{accepts, 255, 5, "\xd0\xff\xff\xff\x7f\x00"},
		{accepts, 255, 5, "\xd0\x00\xd0\x00\x20\x02\x00\x00\x20\x00\xe0\x00\xf0\x00\x00\x00"},
		{accepts | stays, 255, 5, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x1e\x00\x01a\x82\x06\x00\x01\x00\x01a\x01"},
		{accepts | stays, 255, 5, "\xa2\x00\xc0\x00\x60\x02\x00\x00\x62\x01\x00"},
	} {
		f.Add(append([]byte{seed.flags, seed.chunk, seed.request}, seed.bytes...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, ok := readScript(data)
		if !ok {
			return
		}
		before, running := allocated(), runtime.NumGoroutine()
		s.play(t, func(m device.Message) {
			if len(m.Topic) > len(data) || len(m.Payload) > len(data) || m.Size > 256<<20 {
				t.Errorf("a message of %d and %d bytes of %d", len(m.Topic), len(m.Payload), m.Size)
			}
		})
		if most := uint64(4<<20 + 4096*len(data)); allocated()-before > most {
			t.Errorf("%d bytes allocated for %d that came", allocated()-before, len(data))
		}
		for late := time.Now().Add(2 * time.Second); runtime.NumGoroutine() > running; {
			if time.Now().After(late) {
				stacks := make([]byte, 1<<16)
				t.Fatalf("goroutines are left running:\n%s", stacks[:runtime.Stack(stacks, true)])
			}
			time.Sleep(time.Millisecond)
		}
	})
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
