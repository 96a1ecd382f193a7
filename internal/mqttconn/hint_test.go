package mqttconn

import (
	"errors"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
)

// TestHint_NamesAnAddressOnce expects a refused connection without an address that the
// broker's URL has already.
func TestHint_NamesAnAddressOnce(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1883},
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for host, want := range map[string]string{
		"192.0.2.1:1883": "connect to mqtt://192.0.2.1:1883: connection refused (hint: is the broker running, on this port and address? mosquitto 2 accepts other machines only with a listener in its configuration)",
		"pi.local:1883":  "connect to mqtt://pi.local:1883: 192.0.2.1:1883: connection refused (hint: is the broker running, on this port and address? mosquitto 2 accepts other machines only with a listener in its configuration)",
	} {
		err := connectError(&url.URL{Scheme: "mqtt", Host: host}, refused)
		if err.Error() != want || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
