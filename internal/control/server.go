package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"arduino-gateway/internal/monitor"
)

const (
	maxClients  = 32
	requestTime = 5 * time.Second  // for the client to send its request
	answerTime  = 8 * time.Second  // to close a port, or to remove a device
	writeTime   = 10 * time.Second // for the client to read an answer
	acceptPause = 100 * time.Millisecond
)

// Server answers clients over a Unix socket.
type Server struct {
	Path    string       // of the socket, from function Path
	Hub     *monitor.Hub // of the events
	Gateway Gateway
	Log     *slog.Logger // nil discards
}

// Run serves until ctx ends, and returns when the last connection is closed and the
// socket removed. The error is why the socket could not be opened.
func (s *Server) Run(ctx context.Context) error {
	l, err := listen(s.Path)
	if err != nil {
		return err
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer clients.Wait() // after cancel, which ends the clients
	defer cancel()
	defer func() { _ = disk.Remove(s.Path) }()
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()

	slots := make(chan struct{}, maxClients)
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil { // no descriptors left, for example
			s.Log.Warn("control socket: cannot accept a client", "error", err)
			select {
			case <-time.After(acceptPause):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case slots <- struct{}{}:
			clients.Go(func() {
				s.serve(ctx, c)
				<-slots
			})
		default:
			s.Log.Warn("control socket: too many clients, one refused", "limit", maxClients)
			_ = c.Close()
		}
	}
}

// String names the server in logs.
func (s *Server) String() string { return "control socket " + s.Path }

// serve answers one client until it hangs up or ctx ends.
func (s *Server) serve(ctx context.Context, c net.Conn) {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	closed := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(closed)
		_ = c.Close()
	})
	defer func() { hangUp(); <-closed }()

	_ = c.SetReadDeadline(time.Now().Add(requestTime))
	in := bufio.NewScanner(c)
	in.Buffer(nil, maxRequest)
	if !in.Scan() {
		return
	}
	r, refused := s.admit(in.Bytes())
	if refused != nil {
		_ = send(c, refused)
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	s.attend(ctx, c, in, r, hangUp)
}

// attend answers an admitted request, as long as the client is connected.
func (s *Server) attend(ctx context.Context, c net.Conn, in *bufio.Scanner, r request, hangUp func()) {
	read := make(chan struct{})
	defer func() { <-read }()
	defer hangUp() // before waiting for the reader, which it ends
	go func() {    // the client sends nothing more; the end of its input ends the request
		defer close(read)
		defer hangUp()
		for in.Scan() {
		}
	}()
	if r.Do == doWatch {
		sub := s.Hub.Subscribe(r.Device)
		defer sub.Close()
		s.forward(ctx, c, r.Device, sub)
		return
	}
	_ = send(c, s.answer(ctx, r))
}

// admit decodes a request and checks its device.
func (s *Server) admit(line []byte) (request, *refusal) {
	r, err := decodeRequest(line)
	if err != nil {
		return r, &refusal{Error: err.Error()}
	}
	known := s.Gateway.Devices()
	if r.Device != "" && !slices.Contains(known, r.Device) {
		return r, &refusal{Error: fmt.Sprintf("no device %q", r.Device), Known: known}
	}
	return r, nil
}

// answer runs a request and returns its answer.
func (s *Server) answer(ctx context.Context, r request) (answer any) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerTime, fmt.Errorf("no answer within %v", answerTime))
	defer cancel()
	var err error
	switch r.Do {
	case doPause:
		answer, err = s.Gateway.Pause(ctx, r.Device, time.Duration(r.Seconds)*time.Second)
	case doStatus:
		answer = Status{os.Getpid(), s.Gateway.Status(time.Now())}
	case doForget:
		answer, err = struct{}{}, s.Gateway.Forget(ctx, r.Device)
	case doResume:
		var paused bool
		paused, err = s.Gateway.Resume(r.Device)
		answer = resumed{paused}
	}
	if err != nil {
		return refusal{Error: err.Error()}
	}
	return answer
}

// forward sends events as they arrive, after a first one that the watch has begun.
func (s *Server) forward(ctx context.Context, c net.Conn, device string, sub *monitor.Subscription) {
	hello := monitor.Event{Time: time.Now(), Device: device, Kind: monitor.Note, Text: "watching"}
	if err := send(c, hello); err != nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-sub.Ready():
		}
		events := sub.Take()
		for i, e := range events {
			events[i] = e.Packed()
		}
		if err := send(c, events...); err != nil {
			if ctx.Err() == nil {
				s.Log.Debug("control socket: client lost", "device", device, "error", err)
			}
			return
		}
	}
}

// send writes each value as one line of JSON, all of them within writeTime.
func send[T any](c net.Conn, values ...T) error {
	var lines []byte
	for _, v := range values {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	_ = c.SetWriteDeadline(time.Now().Add(writeTime)) // fails only if c is closed, and then so does the write
	_, err := c.Write(lines)
	return err
}
