package web

import (
	"net"
	"sync"
)

// limited accepts no more than so many connections at a time; others wait in
// the kernel's queue.
type limited struct {
	net.Listener
	seats chan struct{}
	done  chan struct{}
	once  sync.Once
}

func limit(l net.Listener, most int) *limited {
	return &limited{Listener: l, seats: make(chan struct{}, most), done: make(chan struct{})}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.seats <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.seats
		return nil, err
	}
	return &seated{Conn: c, leave: sync.OnceFunc(func() { <-l.seats })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

type seated struct {
	net.Conn
	leave func()
}

func (s *seated) Close() error {
	err := s.Conn.Close()
	s.leave()
	return err
}
