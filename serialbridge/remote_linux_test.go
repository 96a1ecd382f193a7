package serialbridge

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/ser2nettest"
)

// remotes are the ways in which a real ser2net serves a port.
var remotes = map[string]struct{ accepter, scheme string }{
	"tcp":     {ser2nettest.Raw, "tcp://"},
	"rfc2217": {ser2nettest.RFC2217, "rfc2217://"},
}

// talk checks that lines come and commands go, every byte unchanged.
func talk(t *testing.T, p *running, board *board, seen *recorder, text string) {
	t.Helper()
	seen.expect("opened")
	board.print("half a line\n" + text + "\n")
	seen.expect("ready", "line "+text)
	line := make([]byte, 0, 256)
	for b := range 256 {
		line = append(line, byte(b)) // 255 is telnet's escape
	}
	must(t, p.send(t.Context(), line))
	if got := board.receives(len(line)); !bytes.Equal(got, line) {
		t.Fatalf("the board got %q", got)
	}
}

// Lines and commands pass through a real ser2net unchanged, over a replug and
// a restart.
func TestPort_TalksThroughARealServer(t *testing.T) {
	for name, remote := range remotes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link := linkIn(t)
			board, seen := plugRaw(t, link), newRecorder(t)
			server := ser2nettest.Start(t, remote.accepter, link)
			p := start(t, remotePort(t, remote.scheme+server.Addr(), seen))
			talk(t, p, board, seen, "t=23.5\xff\xff°")
			if name == "rfc2217" {
				wantBaud(t, board, 57600)
			}

			board.unplug()
			seen.expect("closed")
			board = plugRaw(t, link)
			seen.skipFlaps()
			talk(t, p, board, seen, "replugged=1")

			server.Kill()
			wantError(t, seen.expect("closed").err, errUnplugged)
			server.Restart()
			talk(t, p, board, seen, "restarted=1")
			p.stop()
			seen.expect("closed")
		})
	}
}

// With Options.Baud 0 a real ser2net keeps the rate of its configuration.
func TestRFC2217_TakesTheRateOfARealServer(t *testing.T) {
	link := linkIn(t)
	board, seen := plugRaw(t, link), newRecorder(t)
	server := ser2nettest.Start(t, ser2nettest.RFC2217, link) // at 9600 baud
	p := remotePort(t, "rfc2217://"+server.Addr(), seen)
	p.options.Baud = 0
	r := start(t, p)
	seen.expect("opened")
	for range 3 {
		board.print("temperature=23.5,humidity=40\n")
	}
	waitFor(t, "text", func() bool { return r.Stats().Baud == 9600 })
	wantBaud(t, board, 9600)
	must(t, r.send(t.Context(), []byte("led=on\n")))
	if got := board.receives(7); string(got) != "led=on\n" {
		t.Errorf("the board got %q", got)
	}
	r.stop()
}

// plugRaw plugs in a board that a server opens later than a client connects:
// until then no echo may come back, as none comes from a real board.
func plugRaw(t *testing.T, link string) *board {
	t.Helper()
	b := plug(t, link)
	fd := int(b.slave.Fd())
	settings, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	must(t, err)
	settings.Iflag, settings.Oflag, settings.Lflag = 0, 0, 0
	must(t, unix.IoctlSetTermios(fd, unix.TCSETS, settings))
	return b
}

func wantBaud(t *testing.T, board *board, want uint32) {
	t.Helper()
	settings, err := unix.IoctlGetTermios(int(board.slave.Fd()), getTermios)
	must(t, err)
	if settings.Ospeed != want || settings.Cflag&unix.CSIZE != unix.CS8 {
		t.Errorf("the pty has %d baud and flags %o, want %d and 8 bits", settings.Ospeed, settings.Cflag, want)
	}
}

// ser2net tells a second client why it closes its connection.
func TestPort_LogsTheReasonOfTheServer(t *testing.T) {
	for name, remote := range remotes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link := linkIn(t)
			plugRaw(t, link)
			url := remote.scheme + ser2nettest.Start(t, remote.accepter, link).Addr()
			first, err := defaultDialer.open(t.Context(), url, 9600)
			must(t, err)
			defer first.Close()
			seen := newRecorder(t)
			p := remotePort(t, url, seen)
			var log logtest.Log
			p.log = slog.New(slog.NewTextHandler(&log, nil))
			start(t, p)
			log.Await(t, "the server closed the connection, saying \\\"Port already in use\\\"")
		})
	}
}

// The kernel probes an idle connection and bounds an unacknowledged one.
func TestOpenTCP_ProbesADeadServer(t *testing.T) {
	listener := listen(t)
	raw, err := defaultDialer.open(t.Context(), "tcp://"+listener.Addr().String(), 9600)
	must(t, err)
	defer raw.Close()
	conn, err := raw.(*tcpPort).conn.SyscallConn()
	must(t, err)
	want := map[int]int{unix.TCP_KEEPIDLE: 15, unix.TCP_KEEPINTVL: 5, unix.TCP_KEEPCNT: 3, unix.TCP_USER_TIMEOUT: 30_000}
	must(t, conn.Control(func(fd uintptr) {
		for option, value := range want {
			if got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); err != nil || got != value {
				t.Errorf("option %d is %d, %v; want %d", option, got, err, value)
			}
		}
	}))
}

// skipFlaps waits until a server whose device was away opens it. Until then the
// server accepts each client and closes the connection.
func (r *recorder) skipFlaps() {
	r.t.Helper()
	for deadline := time.After(patience); ; {
		select {
		case e := <-r.events:
			if e.name == "opened" && r.staysOpen() {
				r.events <- e
				return
			}
		case <-deadline:
			r.t.Fatal("the port does not come back")
		}
	}
}

// staysOpen reports whether no close follows for a while.
func (r *recorder) staysOpen() bool {
	select {
	case <-r.events:
		return false
	case <-time.After(300 * time.Millisecond):
		return true
	}
}
