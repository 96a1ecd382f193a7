package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// openRFC2217 connects to a telnet server with the COM-PORT option and sets up
// the serial port there.
func (d dialer) openRFC2217(ctx context.Context, address string, baud int) (rawPort, error) {
	conn, err := d.openTCP(ctx, address)
	if err != nil {
		return nil, err
	}
	p := &rfc2217Port{tcpPort: conn, baud: baud}
	if err := p.setUp(ctx, baud, d.negotiate); err != nil {
		conn.Close()
		return nil, err
	}
	return p, nil
}

// rfc2217Port is a serial port at a telnet server. The goroutine that reads
// decodes the input. Writers of data and of answers take turns.
type rfc2217Port struct {
	*tcpPort
	decoder telnetDecoder
	turn    sync.Mutex // guards writing
	escaped []byte     // of Write, guarded by turn
	flow    flow
	baud    int // that was requested last; 0: none was
	own     int // that the server had, if it was asked for it
}

// setUp agrees on the option, requests the settings, and waits for the one that
// matters, the rate. Until then data may be of another rate and is dropped: an
// open begins in the middle of a line anyway.
func (p *rfc2217Port) setUp(ctx context.Context, baud int, within time.Duration) error {
	if err := p.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, p.Interrupt)
	defer stop()
	if _, err := p.tcpPort.Write(negotiation()); err != nil {
		return p.closeReasonAfterWrite(err)
	}
	agreed, err := await(p, agreement)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w: no answer", errNoComPort)
	case err != nil:
		return err
	case !agreed:
		return errNoComPort
	}
	if p.Suspended() != nil {
		if _, err := await(p, resumption); err != nil {
			return fmt.Errorf("the server suspended the settings: %w", err)
		}
	}
	if _, err := p.tcpPort.Write(portSettings(baud)); err != nil {
		return p.closeReasonAfterWrite(err)
	}
	if baud == ownBaud {
		return p.takeOwnBaud(within)
	}
	return p.confirm(baud)
}

// closeReasonAfterWrite returns why a write failed. A server that closes the
// connection said why before, and that may still be unread.
func (p *rfc2217Port) closeReasonAfterWrite(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	_, end := await(p, func(telnetCommand) (never struct{}, wanted bool) { return never, false })
	return end
}

// confirm waits for the answer of the server with the rate it has set.
func (p *rfc2217Port) confirm(baud int) error {
	got, err := await(p, confirmedBaud)
	if err != nil {
		return fmt.Errorf("the server did not confirm %d baud: %w", baud, err)
	}
	if !nearBaud(got, baud) {
		return fmt.Errorf("%w: it set %d, not %d", errServerBaud, got, baud)
	}
	return nil
}

// await reads until a wanted command comes, and returns its value.
func await[T any](p *rfc2217Port, wanted func(telnetCommand) (T, bool)) (value T, err error) {
	buffer := make([]byte, 256)
	for found := false; !found; {
		n, err := p.conn.Read(buffer)
		if err != nil {
			return value, p.closeReason(err)
		}
		n = p.decoder.decode(buffer[:n], func(c telnetCommand) {
			p.answer(c)
			if v, ok := wanted(c); ok {
				value, found = v, true
			}
		})
		p.first.add(buffer[:n])
	}
	return value, nil
}

// answer declines what the server offers. It does not wait for a writer: an
// offer without an answer counts as declined.
func (p *rfc2217Port) answer(c telnetCommand) {
	if suspended, ok := flowControl(c); ok {
		p.obey(suspended)
		return
	}
	reply := refusal(c)
	if reply == nil || !p.turn.TryLock() {
		return
	}
	defer p.turn.Unlock()
	_, _ = p.tcpPort.Write(reply) // the next read reports a lost connection
}

// Follow passes on only the data, without telnet commands.
func (p *rfc2217Port) Follow(b []byte, chunk func(n int) (more bool)) error {
	return p.pollReader.Follow(b, func(n int) bool {
		n = p.decoder.decode(b[:n], p.answer)
		p.first.add(b[:n])
		return n == 0 || chunk(n)
	})
}

func (p *rfc2217Port) Read(b []byte) (n int, err error) {
	err = p.Follow(b, func(got int) bool { n = got; return false })
	return n, err
}

func (p *rfc2217Port) Write(b []byte) (int, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.escaped = appendData(p.escaped[:0], b)
	if _, err := p.tcpPort.Write(p.escaped); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (p *rfc2217Port) SetDTR(up bool) error {
	if up {
		return p.request(comPort(setControl, dtrOn))
	}
	return p.request(comPort(setControl, dtrOff))
}

func (p *rfc2217Port) SetRTS(up bool) error {
	if up {
		return p.request(comPort(setControl, rtsOn))
	}
	return p.request(comPort(setControl, rtsOff))
}

// SetHangUp does nothing: the server decides.
func (p *rfc2217Port) SetHangUp(bool) error { return nil }

// SetBaud changes the rate at the server.
func (p *rfc2217Port) SetBaud(baud int) error {
	p.baud = baud
	return p.request(baudRequest(baud))
}

// Close leaves no slow rate at the server but its own, as that of a serialPort
// does: the board there is unknown.
func (p *rfc2217Port) Close() error {
	if p.baud < SlowestSafe && p.baud != ownBaud && p.baud != p.own {
		_ = p.conn.SetWriteDeadline(time.Now().Add(lastWrite)) // Discard has ended the writes
		_, _ = p.out.Write(baudRequest(FirstBaud))             // a lost server closes the port itself
	}
	return p.tcpPort.Close()
}

// lastWrite is how long a server may take the last request.
const lastWrite = 100 * time.Millisecond

// request sends a command and does not wait for the answer. Only the goroutine
// that reads calls it. While the server suspends commands, it is held.
func (p *rfc2217Port) request(command []byte) error {
	if p.Suspended() != nil {
		p.flow.held.hold(command)
		return nil
	}
	return p.send(command)
}

func (p *rfc2217Port) send(command []byte) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	_, err := p.tcpPort.Write(command)
	return err
}
