package clock

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"
)

// timeServer replaces a real time server, which needs a network. Its clock is ahead;
// its packets are those of RFC 5905.
func timeServer(t *testing.T, ahead time.Duration, change func(answer []byte)) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		request := make([]byte, 100)
		for {
			n, from, err := conn.ReadFrom(request)
			if err != nil {
				return
			}
			answer := make([]byte, ntpSize)
			answer[0], answer[1] = 4<<3|ntpServer, 2
			copy(answer[atOriginate:], request[atTransmit:n])
			putTime(answer[atReceive:], time.Now().Add(ahead))
			putTime(answer[atTransmit:], time.Now().Add(ahead))
			if change != nil {
				change(answer)
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().String()
}

func putTime(b []byte, at time.Time) {
	since := at.Sub(ntpEpoch)
	binary.BigEndian.PutUint32(b, uint32(since/time.Second))
	binary.BigEndian.PutUint32(b[4:], uint32(since%time.Second<<32/time.Second))
}

// The difference is right before and after 2036.
func TestCompare(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 20 * 365 * 24 * time.Hour} { // the last is after 2036
		behind, err := Compare(t.Context(), timeServer(t, ahead, nil))
		if err != nil || (behind-ahead).Abs() > time.Second {
			t.Errorf("%v, %v; want %v", behind, err, ahead)
		}
	}
}

// A server that does not know the time, or does not answer, is an error.
func TestCompare_RejectsBadAnswers(t *testing.T) {
	for want, change := range map[string]func(a []byte){
		"does not know the time itself":  func(a []byte) { a[0] |= ntpUnset << 6 },
		"server does not know":           func(a []byte) { a[1] = 0 },
		"does not belong to the request": func(a []byte) { a[atOriginate]++ },
		"ask the time server 127.0.0.1:": func(a []byte) { a[0] = ntpRequest },
	} {
		if _, err := Compare(t.Context(), timeServer(t, 0, change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Compare(ctx, silent.LocalAddr().String()); err == nil {
		t.Error("a server that does not answer gave a time")
	}
	if _, err := Compare(t.Context(), "nohost.invalid"); err == nil || !strings.Contains(err.Error(), "nohost.invalid") {
		t.Error(err)
	}
}
