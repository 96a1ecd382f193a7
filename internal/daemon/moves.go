package daemon

import (
	"context"
	"time"

	"arduino-gateway/internal/reload"
)

// leaveWithin bounds how long a reload waits for sessions that leave the broker. They
// leave within 4 s.
const leaveWithin = 5 * time.Second

// leave makes the sessions leave that get another client ID, and waits for all of them.
// The next owner of an ID may come only then: the broker disconnects the older of two
// sessions with one ID, and publishes its will.
func (f *fleet) leave(ctx context.Context, p reload.Plan) {
	var all []<-chan struct{}
	if p.MoveOwn {
		all = append(all, f.own.Leave())
	}
	for _, id := range p.Move {
		all = append(all, f.members.get(id).session.Leave())
	}
	enough := time.NewTimer(leaveWithin)
	defer enough.Stop()
	for _, left := range all {
		select {
		case <-left:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
	for _, id := range p.Move {
		f.members.get(id).device.Renamed()
	}
}
