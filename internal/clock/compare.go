package clock

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"
)

// ntpPort is where time servers listen.
const ntpPort = "123"

// The parts of an NTP packet that matter (RFC 5905).
const (
	ntpSize       = 48
	ntpRequest    = 4<<3 | 3 // version 4, mode client
	ntpServer     = 4        // mode
	ntpUnset      = 3        // leap indicator of a server that has no time itself
	ntpMaxStratum = 15       // stratum
	atOriginate   = 24
	atReceive     = 32
	atTransmit    = 40
	ntpEraLength  = 1 << 32 // seconds
)

// ntpEpoch is the start of NTP time.
var ntpEpoch = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// Compare asks a time server, HOST or HOST:PORT, and returns how far this machine's
// clock is behind; a negative time is ahead.
func Compare(ctx context.Context, server string) (behind time.Duration, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("ask the time server %s: %w", server, err)
		}
	}()
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(server, ntpPort)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", server)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	sent := time.Now()
	request := [ntpSize]byte{ntpRequest}
	binary.BigEndian.PutUint64(request[atTransmit:], uint64(sent.UnixNano())) // comes back, whatever it is
	if _, err := conn.Write(request[:]); err != nil {
		return 0, err
	}
	answer := make([]byte, ntpSize)
	n, err := conn.Read(answer)
	if err != nil {
		return 0, err
	}
	return readAnswer(sent, sent.Add(time.Since(sent)), request, answer[:n])
}

// readAnswer checks a server's answer and returns how far the clock is behind.
func readAnswer(sent, received time.Time, request [ntpSize]byte, answer []byte) (behind time.Duration, err error) {
	switch {
	case len(answer) < ntpSize || answer[0]&7 != ntpServer || string(answer[atOriginate:atReceive]) != string(request[atTransmit:]):
		return 0, errors.New("the answer does not belong to the request")
	case answer[0]>>6 == ntpUnset || answer[1] == 0 || answer[1] > ntpMaxStratum:
		return 0, errors.New("the server does not know the time itself")
	}
	there := ntpTime(answer[atReceive:]).Sub(sent)
	back := ntpTime(answer[atTransmit:]).Sub(received)
	return (there + back) / 2, nil
}

// ntpTime reads a time of NTP: seconds, and a fraction of a second, 32 bits each. The
// seconds start again in 2036; those in the lower half are after that.
func ntpTime(b []byte) time.Time {
	seconds := int64(binary.BigEndian.Uint32(b))
	if seconds < ntpEraLength/2 {
		seconds += ntpEraLength
	}
	nanos := int64(binary.BigEndian.Uint32(b[4:])) * int64(time.Second) >> 32
	return ntpEpoch.Add(time.Duration(seconds) * time.Second).Add(time.Duration(nanos))
}
