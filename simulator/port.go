package simulator

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// pollEvery is how often a port that nobody has open, or that is hung, is
// looked at: the kernel does not tell of an open.
const pollEvery = 10 * time.Millisecond

// updatePort brings the port into the state that the sketch is in, however long the
// system lacks ptys for it. Whoever changes that state calls it: with several at
// once, the last finds what all of them wanted.
func (b *Board) updatePort() {
	for b.tryUpdatePort() != nil && b.sleep(time.Second, nil) {
	}
}

func (b *Board) tryUpdatePort() error {
	b.plugging.Lock()
	defer b.plugging.Unlock()
	port, wanted := b.current(), b.wantsPort()
	switch {
	case wanted && port.closed():
		if err := b.plugIn(); err != nil {
			return err
		}
	case !wanted && port != nil:
		b.pullOut(port)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.updateDraining()
	return nil
}

// wantsPort tells whether there is to be a port.
func (b *Board) wantsPort() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sketch.powered && !b.closing()
}

// updateDraining lets the port's reader read unless the board hangs; b.mu is held.
func (b *Board) updateDraining() {
	switch {
	case b.port == nil:
	case b.sketch.active(Hang):
		b.port.pause()
	default:
		b.port.resume()
	}
}

// plugIn makes the port and its link, and starts the port's reader; b.plugging
// is held.
func (b *Board) plugIn() error {
	port, err := openTerminal()
	if err != nil {
		return err
	}
	if err := placeLink(b.link, port.path); err != nil {
		port.close()
		return err
	}
	b.setPort(port)
	b.watching.Go(func() { b.watch(port) })
	return nil
}

// pullOut takes the link away, then the port, as the system does when a cable
// is pulled, and waits until the port's reader is through; b.plugging is held.
func (b *Board) pullOut(port *terminal) {
	b.setPort(nil)
	removeLink(b.link, port.path)
	port.close()
	b.watching.Wait()
}

func (b *Board) current() *terminal {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.port
}

// closed tells whether the board has no port.
func (t *terminal) closed() bool {
	if t == nil {
		return true
	}
	select {
	case <-t.gone:
		return true
	default:
		return false
	}
}

func (b *Board) setPort(port *terminal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.port, b.opened = port, false
	b.changed()
}

// changed wakes those who wait for the port to be opened or closed; b.mu is held.
func (b *Board) changed() {
	close(b.change)
	b.change = make(chan struct{})
}

// watch follows the port: who opens it, what is written to it, when it is closed.
func (b *Board) watch(port *terminal) {
	buffer := make([]byte, 4096)
	for b.awaitUse(port) {
		b.setOpened(port, true)
		b.readWhileOpen(port, buffer)
		if !port.release(b.spec.Lossless) {
			port.close()
			b.wakeLoop() // for a new port under the same link
			return
		}
		b.setOpened(port, false)
	}
}

// awaitUse waits for somebody to open the port; false: the port is gone. Of a
// program that has come and gone meanwhile, such as `echo led=on >PORT`, the
// bytes are still there. It waits at least once, lest a system that does not
// tell a closed port from an open one keep watch going round and round.
func (b *Board) awaitUse(port *terminal) bool {
	for b.sleep(pollEvery, port.gone) {
		if port.inUse() {
			return true
		}
	}
	return false
}

func (b *Board) readWhileOpen(port *terminal, buffer []byte) {
	for {
		n, err := port.read(buffer)
		if n > 0 {
			b.receive(buffer[:n])
		}
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, syscall.EAGAIN):
			return // closed by the program, or the port is gone
		case !b.sleep(pollEvery, port.gone) || !port.inUse():
			return
		}
	}
}

func (b *Board) setOpened(port *terminal, opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.port != port {
		return
	}
	b.opened = opened
	if opened {
		b.opens++
		if b.spec.ResetOnOpen {
			b.sketch.reset(b.now())
			b.updateDraining()
		}
	}
	b.changed()
	b.wakeLoop()
}

func (b *Board) receive(data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sketch.receive(b.now(), data)
	b.wakeLoop()
}

// print puts bytes on the wire. Without Lossless, what finds no open port, or
// no room because the reader is slow, is lost there and counted.
func (b *Board) print(p []byte) {
	b.printing.Lock()
	defer b.printing.Unlock()
	for len(p) > 0 {
		chunk := p
		if b.pace.baud > 0 {
			chunk = p[:min(len(p), b.pace.chunk())]
			b.sleep(b.pace.send(b.now(), len(chunk))-b.now(), nil)
		}
		n := b.put(chunk)
		b.printed.Add(uint64(n))
		b.dropped.Add(uint64(len(chunk) - n))
		p = p[len(chunk):]
	}
}

// put writes to the port and tells how many bytes went through.
func (b *Board) put(p []byte) int {
	port := b.current()
	switch {
	case port == nil:
		return 0
	case !b.spec.Lossless:
		return port.writeNow(p)
	}
	done := 0
	for {
		n, err := port.writeAll(p[done:])
		if done += n; err == nil {
			return done
		}
		if !b.sleep(pollEvery, port.gone) {
			return done
		}
	}
}

// sleep waits; false: the board is closing, or gone was closed before.
func (b *Board) sleep(d time.Duration, gone <-chan struct{}) bool {
	if d <= 0 {
		return !b.closing()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	case <-b.done:
		return false
	}
}

func (b *Board) closing() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}
