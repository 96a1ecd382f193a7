package scout

import (
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// Patience is how long a board is listened to after the open, and again when its
// first line with a checksum has come. With the library none is silent for more
// than ten seconds.
const Patience = 30 * time.Second

// serve listens to one board until it has said who it is, or does not, or is gone.
func (s *Scout) serve(ctx context.Context, p *post) {
	s.Log.Info(p.port.Value+" is opened to hear who is there", "board", p.port.Name())
	e, baud := s.listen(ctx, p.port)
	if told, ok := e.Description(); ok {
		select {
		case s.found <- Found{ID: told.ID, Port: p.port, Baud: baud, Opened: e.opened, Lines: e.lines}:
		case <-ctx.Done():
		}
	} else if ctx.Err() == nil {
		s.Log.Info(p.port.Value+" is let alone until it is plugged in again: no board says who it is", "board", p.port.Name(), "why", e.why(),
			"hint", "a sketch that only prints lines needs an entry in devices.yaml; gateway init writes one")
	}
	select {
	case s.ended <- p:
	case <-ctx.Done():
	}
}

// listen opens the port, and gives what was heard, and at which rate, when it is
// closed again.
func (s *Scout) listen(ctx context.Context, port ports.Port) (e *ear, baud int) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	seat := s.Watcher.Seat("that is looked for", port.Value)
	e = &ear{Asker: hello.New(s.patience)}
	bridge := serialbridge.New(s.Config(port, seat), e, s.Log.With("device", port.Value))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer stop()
		if err := bridge.Run(ctx); err != nil {
			s.Log.Warn(port.Value+" cannot be listened on", "error", err)
		}
	}()
	e.Converse(ctx, bridge)
	stop()
	<-ended
	return e, bridge.Stats().Baud
}

// why tells what was heard instead of a hello.
func (e *ear) why() string {
	err := e.Err()
	switch {
	case err != nil:
		return err.Error()
	case e.Speaks():
		return "its hello is never whole"
	case len(e.lines) > 0:
		return fmt.Sprintf("its lines have no checksum, such as %q", e.lines[0].Text)
	}
	return "it prints no line"
}
