package mosquittotest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/programtest"
)

// patience bounds every wait for mosquitto. A busy machine may be slow, but a
// broker that takes longer has failed.
const patience = 20 * time.Second

// Broker is one mosquitto, running or stopped.
type Broker struct {
	Dir  string // its working folder, also its persistence_location
	Port int    // of the listener, on 127.0.0.1

	tb     testing.TB
	config string
	scheme string
	plain  int // port of a second listener, without the lines of the test
	log    logtest.Log
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd has ended
}

// Start runs mosquitto with one listener on a free port of 127.0.0.1 and returns
// when it serves clients. The lines are added to mosquitto.conf after the listener,
// so that "protocol websockets" or "certfile x.pem" apply to it. Anyone may connect
// unless a line sets allow_anonymous. The broker ends with the test.
func Start(tb testing.TB, lines ...string) *Broker {
	tb.Helper()
	b := &Broker{tb: tb, Dir: tb.TempDir(), scheme: scheme(lines)}
	b.config = filepath.Join(b.Dir, "mosquitto.conf")
	tb.Cleanup(b.Kill)
	b.plain, b.Port = programtest.FreePort(tb), programtest.FreePort(tb)
	b.writeConfig(lines)
	if err := b.run(); err != nil {
		tb.Fatalf("start mosquitto: %v\n%s", err, &b.log)
	}
	return b
}

// URL returns the address to connect to: mqtt, mqtts, ws or wss, as the lines set up.
func (b *Broker) URL() *url.URL {
	return &url.URL{Scheme: b.scheme, Host: b.Addr()}
}

// Addr returns the listener's host and port.
func (b *Broker) Addr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.Port))
}

// Stop ends mosquitto in order (SIGTERM). It saves its state if configured.
func (b *Broker) Stop() { b.end(syscall.SIGTERM) }

// Kill ends mosquitto at once (SIGKILL), like a power cut.
func (b *Broker) Kill() { b.end(syscall.SIGKILL) }

// Restart runs mosquitto again on the same port with the same configuration. It
// stops a running one first.
func (b *Broker) Restart() {
	b.tb.Helper()
	b.Stop()
	if err := b.run(); err != nil {
		b.tb.Fatalf("restart mosquitto: %v\n%s", err, &b.log)
	}
}

// Log returns everything that mosquitto has logged since Start, over restarts.
func (b *Broker) Log() string { return b.log.String() }

// WaitLog returns when mosquitto has logged the text, and fails the test if it does
// not.
func (b *Broker) WaitLog(text string) {
	b.tb.Helper()
	b.log.Await(b.tb, text)
}

func (b *Broker) writeConfig(lines []string) {
	b.tb.Helper()
	all := []string{
		"log_dest stderr", "log_type all", "connection_messages true", "sys_interval 0",
		"set_tcp_nodelay true", "max_queued_messages 0",
		"persistence_location " + b.Dir + "/",
	}
	if os.Getuid() == 0 {
		all = append(all, "user root") // else it drops root and cannot read the test's files
	}
	// serves connects to the first listener. WebSockets need it too: 2.0.11 refuses to
	// run with only their listeners.
	for _, port := range []int{b.plain, b.Port} {
		all = append(all, fmt.Sprintf("listener %d 127.0.0.1", port))
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "allow_anonymous") }) {
		all = append(all, "allow_anonymous true")
	}
	text := strings.Join(append(all, lines...), "\n") + "\n"
	if err := os.WriteFile(b.config, []byte(text), 0o600); err != nil {
		b.tb.Fatal(err)
	}
}

// run starts the process and waits until it serves, or has ended.
func (b *Broker) run() error {
	b.cmd = exec.Command(programtest.Find(b.tb, "mosquitto"), "-c", b.config)
	b.cmd.Stderr = &b.log
	if err := b.cmd.Start(); err != nil {
		return err
	}
	b.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // the log has the reason
		close(exited)
	}(b.cmd, b.exited)
	for late := time.After(patience); !b.serves(); {
		select {
		case <-b.exited:
			return errors.New("it ended")
		case <-late:
			return errors.New("it does not serve")
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// serves reports whether mosquitto is in its main loop, where it closes the
// connection of a client that has closed its own. It accepts connections before
// that, but then a SIGTERM would kill it without a save, or be lost.
func (b *Broker) serves() bool {
	conn, err := net.DialTimeout("tcp4", fmt.Sprintf("127.0.0.1:%d", b.plain), patience)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, err = conn.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

func (b *Broker) end(signal syscall.Signal) {
	if b.exited == nil {
		return
	}
	_ = b.cmd.Process.Signal(signal) // an error means that it has ended
	select {
	case <-b.exited:
	case <-time.After(patience):
		_ = b.cmd.Process.Kill()
		<-b.exited
	}
}

// scheme returns the URL scheme that the lines configure.
func scheme(lines []string) string {
	websockets := slices.Contains(lines, "protocol websockets")
	tls := slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "certfile ") })
	switch {
	case websockets && tls:
		return "wss"
	case websockets:
		return "ws"
	case tls:
		return "mqtts"
	default:
		return "mqtt"
	}
}
