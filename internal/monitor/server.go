package monitor

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"
)

const (
	maxWatchers = 32
	requestTime = 5 * time.Second  // for the watcher to say what it wants
	writeTime   = 10 * time.Second // for it to take what it gets
	acceptPause = 100 * time.Millisecond
)

// Server hands the hub's events out over a Unix socket.
type Server struct {
	Hub     *Hub
	Path    string          // of the socket, from Path
	Devices func() []string // the IDs that there are now
	Log     *slog.Logger    // nil discards
}

// Run serves until ctx ends, and returns when the last watcher's connection is
// closed and the socket removed. The error says why there could be no socket.
func (s *Server) Run(ctx context.Context) error {
	l, err := listen(s.Path)
	if err != nil {
		return err
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	defer watchers.Wait() // after cancel, which ends them
	defer cancel()
	defer l.Close() // removes the socket's file, too
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()

	seats := make(chan struct{}, maxWatchers)
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil { // such as no descriptors left
			s.Log.Warn("monitor: accept failed", "error", err)
			sleep(ctx, acceptPause)
			continue
		}
		select {
		case seats <- struct{}{}:
			watchers.Go(func() {
				s.serve(ctx, c)
				<-seats
			})
		default:
			s.Log.Warn("monitor: too many watchers", "limit", maxWatchers)
			_ = c.Close()
		}
	}
}

// String names the server in logs.
func (s *Server) String() string { return "monitor " + s.Path }

// serve answers one watcher until it hangs up or ctx ends.
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
	device, refused := s.admit(in.Bytes())
	if refused != nil {
		_ = send(c, refused)
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	sub := s.Hub.Subscribe(device)
	defer sub.Close()

	read := make(chan struct{})
	defer func() { <-read }()
	defer hangUp() // before waiting for the reader, which it ends
	go func() {    // the watcher says no more; the end of its input is its end
		defer close(read)
		defer hangUp()
		for in.Scan() {
		}
	}()
	s.forward(ctx, c, sub)
}

// admit decides on a request as it came.
func (s *Server) admit(line []byte) (device string, refused *refusal) {
	r, err := decodeRequest(line)
	if err != nil {
		return "", &refusal{Error: err.Error()}
	}
	known := s.Devices()
	if !slices.Contains(known, r.Device) {
		return "", &refusal{Error: fmt.Sprintf("no device %q", r.Device), Devices: known}
	}
	return r.Device, nil
}

// forward sends events as they come. The first tells that the watching began.
func (s *Server) forward(ctx context.Context, c net.Conn, sub *Subscription) {
	hello := Event{Time: time.Now(), Device: sub.device, Kind: Note, Text: "watching"}
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
			events[i] = e.packed()
		}
		if err := send(c, events...); err != nil {
			if ctx.Err() == nil {
				s.Log.Debug("monitor: watcher lost", "device", sub.device, "error", err)
			}
			return
		}
	}
}

// send writes each value as a line of JSON, all of them within writeTime.
func send[T any](c net.Conn, values ...T) error {
	var lines []byte
	for _, v := range values {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	_ = c.SetWriteDeadline(time.Now().Add(writeTime)) // fails only if closed, as will the write
	_, err := c.Write(lines)
	return err
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
