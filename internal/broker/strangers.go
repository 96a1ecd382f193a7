package broker

import (
	"net"
	"slices"
	"sync"
)

// The limits of connections that have not logged in.
const (
	maxStrangers       = 256
	maxStrangersOfHost = 64 // not on loopback
)

// strangers are the connections that have not logged in, by the address of the host, in
// the order of their arrival. They are few, so that nobody who opens connections and
// says nothing keeps out those who have a password.
type strangers struct {
	mu     sync.Mutex
	byHost map[string][]*conn
	count  int
}

func newStrangers() *strangers { return &strangers{byHost: map[string][]*conn{}} }

// add takes c in. If there are too many, it returns the one that has to go: the oldest
// of the same host, or of the host with the most.
func (s *strangers) add(c *conn) (evicted *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	host := hostOf(c)
	s.byHost[host] = append(s.byHost[host], c)
	s.count++
	switch {
	case len(s.byHost[host]) > maxStrangersOfHost && !net.ParseIP(host).IsLoopback():
	case s.count > maxStrangers:
		host = s.crowd()
	default:
		return nil
	}
	evicted = s.byHost[host][0]
	s.drop(host, 0)
	return evicted
}

func (s *strangers) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// crowd returns the host with the most strangers.
func (s *strangers) crowd() (crowd string) {
	most := 0
	for host, all := range s.byHost {
		if len(all) > most {
			crowd, most = host, len(all)
		}
	}
	return crowd
}

// remove is called when c has logged in or ended.
func (s *strangers) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	host := hostOf(c)
	if i := slices.Index(s.byHost[host], c); i >= 0 {
		s.drop(host, i)
	}
}

func (s *strangers) drop(host string, i int) {
	s.count--
	if s.byHost[host] = slices.Delete(s.byHost[host], i, i+1); len(s.byHost[host]) == 0 {
		delete(s.byHost, host)
	}
}

// hostOf returns the address of the other end, without its port.
func hostOf(c net.Conn) string {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		return c.RemoteAddr().String()
	}
	return host
}
