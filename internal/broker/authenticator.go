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

// loginWait is how long a login waits for its turn to hash.
const loginWait = 5 * time.Second

// ownUser is the gateway's own user. ParseUsers allows no colon in a name.
const ownUser = ":gateway"

// authenticator decides which clients may log in.
//
// A bcrypt comparison takes a Raspberry Pi some tenths of a second, and after a
// restart every device logs in at once. So the authenticator remembers for each
// user the last good password: not the password itself, but its HMAC under a key
// that never leaves this process. Any other password is hashed, one at a time. A
// flood of wrong passwords costs one core at most, and does not keep out clients
// whose password is known.
type authenticator struct {
	own  string // the password of ownUser
	key  [sha256.Size]byte
	turn chan struct{} // capacity 1: the right to hash

	mu    sync.Mutex
	users map[string]string // name to hash; nil: anyone may log in
	good  map[string][sha256.Size]byte
}

func newAuthenticator(users map[string]string) *authenticator {
	a := &authenticator{own: rand.Text(), turn: make(chan struct{}, 1), users: maps.Clone(users), good: map[string][sha256.Size]byte{}}
	_, _ = rand.Read(a.key[:]) // never fails; the runtime ends the process first
	return a
}

// open reports whether no password is needed.
func (a *authenticator) open() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.users == nil
}

func (a *authenticator) set(users map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.users = maps.Clone(users)
	clear(a.good)
}

// isOwn reports whether a login is one of the gateway's own sessions.
func (a *authenticator) isOwn(name string, password []byte) bool {
	return name == ownUser && hmac.Equal(password, []byte(a.own))
}

// admit checks a login. An unknown name takes as long as a wrong password, so that
// the time does not reveal the names.
func (a *authenticator) admit(name string, password []byte) bool {
	a.mu.Lock()
	anyone := a.users == nil
	hash, known := a.users[name]
	good, seen := a.good[name]
	a.mu.Unlock()
	if anyone {
		return true
	}
	mark := a.mark(name, hash, password)
	if seen && hmac.Equal(good[:], mark[:]) {
		return true
	}
	if !known {
		hash = noUser
	}
	if !a.compare(hash, password) || !known {
		return false
	}
	a.mu.Lock()
	if a.users[name] == hash {
		a.good[name] = mark
	}
	a.mu.Unlock()
	return true
}

// mark returns the HMAC of one password of one user under one hash.
func (a *authenticator) mark(name, hash string, password []byte) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, a.key[:])
	for _, part := range [][]byte{[]byte(name), []byte(hash), password} {
		_ = binary.Write(mac, binary.BigEndian, uint64(len(part))) // so that no two triples give the same bytes
		mac.Write(part)
	}
	return [sha256.Size]byte(mac.Sum(sum[:0]))
}

// compare hashes when its turn comes, and refuses if that takes too long.
func (a *authenticator) compare(hash string, password []byte) bool {
	timer := time.NewTimer(loginWait)
	defer timer.Stop()
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
		return checkPassword(hash, string(password))
	case <-timer.C:
		return false
	}
}
