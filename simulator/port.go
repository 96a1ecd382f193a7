package simulator

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// pollEvery is how often to check a port that is not open, or hung: the kernel
// does not report an open.
const pollEvery = 10 * time.Millisecond

// updatePort makes the port follow the state of the sketch, and retries while
// the system lacks ptys. Each change of that state is followed by a call; of
// several at once the last one finds what all of them wanted.
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

// wantsPort reports whether the board should have a port.
func (b *Board) wantsPort() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sketch.powered && !b.closing()
}

// updateDraining lets the reader of the port read unless the board hangs; b.mu
// is held.
func (b *Board) updateDraining() {
	switch {
	case b.port == nil:
	case b.sketch.active(Hang):
		b.port.pause()
	default:
		b.port.resume()
	}
}

// plugIn creates the port and its link, and starts the reader of the port;
// b.plugging is held.
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

// pullOut removes the link, then the port, as the system does when a cable is
// pulled, and waits for the reader of the port; b.plugging is held.
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

// closed reports whether the board has no port.
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

// changed wakes all that wait for the port to be opened or closed; b.mu is held.
func (b *Board) changed() {
	close(b.change)
	b.change = make(chan struct{})
}

// watch follows the port: when it is opened, what is written to it, when it is
// closed.
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

// awaitUse waits until a program opens the port; false means that the port is
// gone. If a program has come and gone in between, such as `echo led=on >PORT`,
// its bytes are still there. It waits at least once: otherwise watch would spin
// on a system that cannot distinguish a closed port from an open one.
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

// print writes bytes to the wire. Without Lossless they are lost and counted if
// the port is not open, or its slow reader has no room.
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

// put writes to the port and returns how many bytes went out.
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

// sleep waits. It returns false if the board is closing, or if gone was closed
// before.
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
