package vitals

import (
	"context"
	"errors"
	"time"
)

// Gateway is asked for a Snapshot from any goroutine.
type Gateway interface {
	Vitals(now time.Time) Snapshot
}

// Snapshot is how the gateway stands at one moment. Totals are since its start.
type Snapshot struct {
	Version, GoVersion string
	Connected          bool   // the gateway's own session
	Problem            string // why not
	Spool              Spool
	Devices            []Device // in the order of the configuration
}

// Spool is where lines wait for the broker.
type Spool struct {
	DiskDown    time.Time // since when the disk takes nothing; zero: it works
	DiskBytes   int64
	MaxBytes    int64
	MemoryBytes int64  // of lines that are not on disk
	Written     uint64 // bytes
	Syncs       uint64 // fsyncs
	Damaged     uint64 // places
}

// Device is one board.
type Device struct {
	ID        string
	Online    bool   // as its status topic says
	Problem   string // of its port; "" is none
	Connected bool   // its session
	LastLine  time.Time

	Lines, Refused, Overlong, OutOfBounds uint64 // lines; the last are readings
	Sent, Rejected, Unsent                uint64 // commands
	Opens, BytesRead, BytesWritten        uint64 // of the port
	Connects, Losses, Attempts            uint64 // of the session; Attempts failed
	Messages, Acked, Late                 uint64 // PUBLISH packets, and lines

	Waiting      int   // lines in the spool
	WaitingBytes int64 //
	Oldest       time.Time
	Dropped      uint64 // lines
}

// patience is how long a snapshot may take.
const patience = 2 * time.Second

var errStuck = errors.New("the gateway does not answer")

// ask gives up on a gateway that is stuck. What was asked is left to itself
// then, and one at a time: until it comes back, everyone gets errStuck.
type asker struct {
	gateway Gateway
	turn    chan struct{} // capacity 1
}

func newAsker(g Gateway) *asker { return &asker{gateway: g, turn: make(chan struct{}, 1)} }

func (a *asker) ask(ctx context.Context) (Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return Snapshot{}, errStuck
	}
	got := make(chan Snapshot, 1)
	go func() {
		defer func() { <-a.turn }()
		got <- a.gateway.Vitals(time.Now())
	}()
	select {
	case s := <-got:
		return s, nil
	case <-ctx.Done():
		return Snapshot{}, errStuck
	}
}
