package serialbridge

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"
)

// ownBaud asks a server of RFC 2217 for the rate that it has, instead of setting
// one.
const ownBaud = 0

// openAt opens the port at rate. If Options.Baud is 0 and nothing is known about
// the rate yet, an RFC 2217 server keeps its own, and the search begins with it:
// its owner has probably set it for this board.
func (p *Port) openAt(ctx context.Context, path string, rate int) (raw rawPort, at int, err error) {
	if !p.search.guesses() || !strings.HasPrefix(path, "rfc2217://") {
		raw, err = p.open(ctx, path, rate)
		return raw, rate, err
	}
	raw, err = p.open(ctx, path, ownBaud)
	if server, ok := raw.(interface{ OwnBaud() int }); ok && err == nil {
		rate = server.OwnBaud()
		p.search.own = rate
		p.search.begin(rate, time.Now())
	}
	return raw, rate, err
}

// guesses reports whether nothing speaks for the rate at which a search begins.
func (b *baudSearch) guesses() bool { return b.mode == searching && b.wanted == 0 && len(b.tried) == 0 }

// OwnBaud returns the rate that the server had.
func (p *rfc2217Port) OwnBaud() int { return p.own }

// takeOwnBaud waits for the rate of the server. If it does not know its rate, it
// gets the usual one.
func (p *rfc2217Port) takeOwnBaud(within time.Duration) error {
	if err := p.readWithin(within / 2); err != nil {
		return err
	}
	got, err := await(p, confirmedBaud)
	if err == nil && got >= minBaud && got <= maxBaud {
		p.own = got
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	p.baud, p.own = FirstBaud, FirstBaud
	if err := p.readWithin(within / 2); err != nil {
		return err
	}
	if _, err := p.tcpPort.Write(baudRequest(FirstBaud)); err != nil {
		return p.closeReasonAfterWrite(err)
	}
	return p.confirm(FirstBaud)
}

// readWithin sets a deadline for the next reads, unless they are interrupted.
func (p *rfc2217Port) readWithin(d time.Duration) error {
	if err := p.conn.SetReadDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	if p.interrupted.Load() { // this deadline may have replaced that of Interrupt
		return os.ErrDeadlineExceeded
	}
	return nil
}
