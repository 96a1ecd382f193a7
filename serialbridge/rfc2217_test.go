package serialbridge

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// telnetServer accepts one client after the other, and answers each of the
// messages that it waits for. A real server never misbehaves like this.
func telnetServer(t *testing.T, script ...string) (address string) {
	t.Helper()
	l := listen(t)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serveScript(c, script)
		}
	}()
	t.Cleanup(func() { l.Close(); <-served })
	return l.Addr().String()
}

// serveScript sends the answers one by one, each after some input. It reads on
// until the client leaves, unless the last answer is "bye".
func serveScript(c net.Conn, script []string) {
	defer c.Close()
	buffer := make([]byte, 1024)
	for {
		if _, err := c.Read(buffer); err != nil {
			return
		}
		if len(script) == 0 {
			continue
		}
		if script[0] == "bye" {
			return
		}
		if _, err := c.Write([]byte(script[0])); err != nil {
			return
		}
		script = script[1:]
	}
}

const (
	doComPort    = "\xff\xfd,"
	confirms9600 = "\xff\xfa,e\x00\x00\x25\x80\xff\xf0"
)

// Each course of the negotiation has its error.
func TestRFC2217_SetsUpOrFails(t *testing.T) {
	d := defaultDialer
	d.negotiate = 300 * time.Millisecond
	for _, c := range []struct {
		name    string
		answers []string
		want    error
		text    string
	}{
		{"agrees", []string{"\xff\xfb\x01" + doComPort + "\xff\xfd\x00", confirms9600}, nil, ""},
		{"agrees with WILL", []string{"\xff\xfb,", "banner\r\n" + confirms9600}, nil, ""},
		{"refuses", []string{"\xff\xfe,"}, errNoComPort, ""},
		{"speaks no telnet", []string{"t=23.5\r\n"}, errNoComPort, "no answer"},
		{"says nothing", nil, errNoComPort, "no answer"},
		{"confirms nothing", []string{doComPort}, nil, "the server did not confirm 9600 baud"},
		{"has another rate", []string{doComPort, "\xff\xfa,e\x00\x01\xc2\x00\xff\xf0"}, errServerBaud, "it set 115200, not 9600"},
		{"is taken", []string{doComPort + "Port already in use\r\n", "bye"}, errServerClosed, `saying "Port already in use"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			raw, err := d.open(t.Context(), "rfc2217://"+telnetServer(t, c.answers...)+"/", 9600)
			if err == nil {
				must(t, raw.Close())
			}
			if (err == nil) != (c.want == nil && c.text == "") || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %q, want one with %q", err, c.text)
			}
			if v := classify(err); err != nil && (v.fatal || v.hint == "") {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

// A server that closes at once makes a write fail before its message is read.
func TestRFC2217_ReadsTheReasonBehindAFailedWrite(t *testing.T) {
	l := listen(t)
	p, err := defaultDialer.openTCP(t.Context(), l.Addr().String())
	must(t, err)
	defer p.Close()
	c, err := l.Accept()
	must(t, err)
	_, err = io.WriteString(c, doComPort+"Port already in use\r\n")
	must(t, errors.Join(err, c.Close()))
	for err == nil {
		_, err = p.Write(negotiation())
	}
	err = (&rfc2217Port{tcpPort: p}).closeReasonAfterWrite(err)
	if wantError(t, err, errServerClosed); !strings.Contains(err.Error(), `saying "Port already in use"`) {
		t.Error(err)
	}
}

// A stop ends the wait for the server.
func TestRFC2217_StopsWhileNegotiating(t *testing.T) {
	asked := make(chan struct{})
	l := listen(t)
	go func() {
		if c, err := l.Accept(); err == nil {
			defer c.Close()
			_, _ = c.Read(make([]byte, 1))
			close(asked)
			_, _ = c.Read(make([]byte, 1024)) // the rest, and then the end
			_, _ = c.Read(make([]byte, 1))
		}
	}()
	p := start(t, remotePort(t, "rfc2217://"+l.Addr().String(), newRecorder(t)))
	<-asked
	p.stop()
}

// Each error on the way to a server has its state and a hint.
func TestClassifyRemote_NamesTheState(t *testing.T) {
	gone := listen(t)
	gone.Close()
	for port, want := range map[string]string{
		"tcp://" + gone.Addr().String():       "connection refused",
		"rfc2217://" + gone.Addr().String():   "connection refused",
		"tcp://no-such-host.invalid:2000":     "host not found",
		"rfc2217://no-such-host.invalid:2000": "host not found",
	} {
		_, err := defaultDialer.open(t.Context(), port, 9600)
		if v := classify(err); err == nil || v.state != want || v.hint == "" || v.fatal {
			t.Errorf("%s: %v: %+v, want %q", port, err, v, want)
		}
	}
	for err, want := range map[error]string{
		&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}:                                        "host unreachable",
		&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}:                                         "host unreachable",
		&net.OpError{Op: "dial", Err: timedOut{}}:                                                  "host without an answer",
		&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}: "host not resolved",
	} {
		if v := classify(err); v.state != want || v.hint == "" || v.fatal {
			t.Errorf("%v: %+v, want %q", err, v, want)
		}
	}
}

type timedOut struct{}

func (timedOut) Error() string   { return "i/o timeout" }
func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

// A server that reads nothing is abandoned like a board that hangs, and does
// not delay the end.
func TestTCP_AbandonsAServerThatReadsNothing(t *testing.T) {
	l, seen := listen(t), newRecorder(t)
	release := make(chan struct{})
	defer close(release)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*net.TCPConn).SetReadBuffer(4096)
			_, _ = c.Write([]byte("\nt=1\n"))
			go func() { <-release; c.Close() }()
		}
	}()
	port := remotePort(t, "tcp://"+l.Addr().String(), seen)
	port.options.Baud = maxBaud
	port.times.write = quick.write
	port.open = func(ctx context.Context, url string, baud int) (rawPort, error) {
		raw, err := defaultDialer.open(ctx, url, baud)
		if err == nil {
			err = raw.(*tcpPort).conn.SetWriteBuffer(4096) // the default are megabytes
		}
		return raw, err
	}
	p := start(t, port)
	seen.expect("opened", "ready", "line t=1")
	wantError(t, hang(p), ErrBroken)
	wantError(t, seen.expect("closed").err, errStuck)
	seen.expect("opened")
	p.stop()
}

// Only one short line of text counts as a message of the server.
func TestServerMessage_KeepsOneShortLine(t *testing.T) {
	for want, chunks := range map[string][]string{
		"Port already in use": {"\r\nPort alr", "eady in use\r\n"},
		"":                    {strings.Repeat("t=1\n", 60)},
	} {
		var w serverMessage
		for _, chunk := range chunks {
			w.add([]byte(chunk))
		}
		if got := w.text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	var two serverMessage
	two.add([]byte("t=1\nt=2\n"))
	if got := two.text(); got != "" {
		t.Errorf("two lines are %q", got)
	}
}

// remotePort returns a Port on what a server serves.
func remotePort(t *testing.T, url string, h Handler) *Port {
	p := New(Options{Device: "greenhouse", Port: url, Baud: 57600}, h, slog.New(slog.NewTextHandler(t.Output(), nil)))
	p.times.retry = quick.retry
	return p
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}
