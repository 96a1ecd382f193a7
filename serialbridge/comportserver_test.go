package serialbridge

import (
	"context"
	"encoding/binary"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"arduino-gateway/internal/wake"
)

// comPortServer is an RFC 2217 server that records what a client asks for. No
// board is behind it: a real server neither shows its requests nor suspends on
// demand.
type comPortServer struct {
	t       *testing.T
	l       net.Listener
	changed wake.Signal

	mu       sync.Mutex
	baud     int  // its own rate; 0: it does not know it
	mute     bool // it does not answer a question for its rate
	conn     net.Conn
	gone     bool     // a client has left
	requests [][]byte // each command with its values
	data     []byte
}

func serveComPort(t *testing.T, baud int) *comPortServer {
	s := &comPortServer{t: t, l: listen(t), baud: baud, changed: wake.NewSignal()}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			c, err := s.l.Accept()
			if err != nil {
				return
			}
			s.serve(c)
		}
	}()
	t.Cleanup(func() { s.l.Close(); s.hangUp(); <-served })
	return s
}

func (s *comPortServer) url() string { return "rfc2217://" + s.l.Addr().String() }

func (s *comPortServer) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.Close()
	}
}

func (s *comPortServer) serve(c net.Conn) {
	defer c.Close()
	s.mu.Lock()
	s.conn = c
	s.mu.Unlock()
	var decoder telnetDecoder
	buffer := make([]byte, 1024)
	for {
		n, err := c.Read(buffer)
		if err != nil {
			s.mu.Lock()
			s.gone = true
			s.mu.Unlock()
			s.changed.Set()
			return
		}
		s.mu.Lock()
		n = decoder.decode(buffer[:n], s.obey)
		s.data = append(s.data, buffer[:n]...)
		s.mu.Unlock()
		s.changed.Set()
	}
}

// obey answers as RFC 2217 wants it.
func (s *comPortServer) obey(c telnetCommand) {
	if c.option != optionComPort {
		return
	}
	if c.verb == telnetWill {
		s.write(telnetIAC, telnetDo, optionComPort)
	}
	if c.verb != telnetSB {
		return
	}
	s.requests = append(s.requests, slices.Clone(c.data))
	answer := slices.Clone(c.data)
	if c.data[0] == setBaudRate {
		asked := int(binary.BigEndian.Uint32(c.data[1:]))
		if asked != 0 {
			s.baud = asked
		} else if s.mute {
			return
		}
		binary.BigEndian.PutUint32(answer[1:], uint32(s.baud))
	}
	s.write(comPort(answer[0]+fromServer, answer[1:]...)...)
}

func (s *comPortServer) write(b ...byte) {
	if _, err := s.conn.Write(b); err != nil {
		s.t.Log(err)
	}
}

// tell sends bytes to the client.
func (s *comPortServer) tell(b ...byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(b...)
}

// await waits until the server has got what a check wants to see.
func (s *comPortServer) await(what string, seen func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for {
		s.mu.Lock()
		done := seen()
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			s.t.Fatalf("the server did not get %s; it got data %q and requests %v", what, s.data, s.requests)
		}
	}
}

// asked reports whether a request came.
func (s *comPortServer) asked(request ...byte) func() bool {
	return func() bool {
		return slices.ContainsFunc(s.requests, func(r []byte) bool { return slices.Equal(r, request) })
	}
}

// lines returns the requests about DTR and RTS.
func (s *comPortServer) lines() (values []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if r[0] == setControl && r[1] >= dtrOn {
			values = append(values, r[1])
		}
	}
	return values
}

// rates returns the rates that the client asked for.
func (s *comPortServer) rates() (rates []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if r[0] == setBaudRate {
			rates = append(rates, int(binary.BigEndian.Uint32(r[1:])))
		}
	}
	return rates
}

// open connects a Port to the server and waits until it is open.
func (s *comPortServer) open(change func(*Port)) (*running, *recorder) {
	seen := newRecorder(s.t)
	p := remotePort(s.t, s.url(), seen)
	p.options.BootTime = new(time.Duration)
	if change != nil {
		change(p)
	}
	r := start(s.t, p)
	seen.expect("opened")
	return r, seen
}

var (
	suspends = comPort(suspend + fromServer)
	resumes  = comPort(resume + fromServer)
)
