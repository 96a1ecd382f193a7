package broker

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"sync"
	"time"
)

// loginWait is how long a login waits for its turn at hashing.
const loginWait = 5 * time.Second

// gate decides who may come in.
//
// A bcrypt comparison takes a Raspberry Pi some tenths of a second, and after a
// restart every device logs in at once. So the gate remembers, for each user,
// that the last good password was good: not the password, but its HMAC under a
// key that never leaves this process. Only what was never seen to be right is
// hashed, one at a time: a flood of wrong passwords costs one core at the
// most, and does not stop those whose password is known.
type gate struct {
	key  [sha256.Size]byte
	turn chan struct{} // capacity 1: the right to hash

	mu    sync.Mutex
	users map[string]string // nil: anyone may come in
	good  map[string][sha256.Size]byte
}

func newGate(users map[string]string) *gate {
	g := &gate{turn: make(chan struct{}, 1), users: maps.Clone(users), good: map[string][sha256.Size]byte{}}
	_, _ = rand.Read(g.key[:]) // never fails; the runtime ends the process first
	return g
}

// open is true where no password is asked for.
func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.users == nil
}

func (g *gate) set(users map[string]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.users = maps.Clone(users)
	clear(g.good)
}

// admit checks a login. A name that does not exist takes as long as a wrong
// password, so that nobody learns the names by the clock.
func (g *gate) admit(name string, password []byte) bool {
	g.mu.Lock()
	anyone := g.users == nil
	hash, known := g.users[name]
	good, seen := g.good[name]
	g.mu.Unlock()
	if anyone {
		return true
	}
	mark := g.mark(name, hash, password)
	if seen && hmac.Equal(good[:], mark[:]) {
		return true
	}
	if !known {
		hash = nobody
	}
	if !g.compare(hash, password) || !known {
		return false
	}
	g.mu.Lock()
	if g.users[name] == hash {
		g.good[name] = mark
	}
	g.mu.Unlock()
	return true
}

// mark stands for one password of one user under one hash.
func (g *gate) mark(name, hash string, password []byte) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, g.key[:])
	for _, part := range [][]byte{[]byte(name), []byte(hash), password} {
		_ = binary.Write(mac, binary.BigEndian, uint64(len(part))) // so that no two triples run together alike
		mac.Write(part)
	}
	return [sha256.Size]byte(mac.Sum(sum[:0]))
}

// compare hashes when its turn comes, and refuses when that takes too long.
func (g *gate) compare(hash string, password []byte) bool {
	timer := time.NewTimer(loginWait)
	defer timer.Stop()
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
		return checkPassword(hash, string(password))
	case <-timer.C:
		return false
	}
}
