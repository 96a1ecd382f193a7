package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

// record notes in which order parts end.
type record struct {
	mu    sync.Mutex
	ended []string
}

// part returns a part that runs until its context ends, or fails at once if fail is
// not nil.
func (r *record) part(name string, fail error) Part {
	return Part{Name: name, Run: func(ctx context.Context) error {
		if fail == nil {
			<-ctx.Done()
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended = append(r.ended, name)
		return fail
	}}
}

// Stages stop in the reverse of the order in which they started.
func TestRun_StopsTheLastStageFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- Run(ctx, silent, []Part{r.part("broker", nil)}, nil, []Part{r.part("device", nil)})
		}()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if fmt.Sprint(r.ended) != "[device broker]" {
			t.Errorf("ended %v", r.ended)
		}
	})
}

// One failed part stops all others, and Run returns its error.
func TestRun_StopsAllWhenAPartFails(t *testing.T) {
	var r record
	cause := errors.New("address in use")
	err := Run(t.Context(), silent, []Part{r.part("broker", cause)}, []Part{r.part("device", nil)})
	if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "broker: ") {
		t.Errorf("error %v", err)
	}
	if len(r.ended) != 2 {
		t.Errorf("ended %v", r.ended)
	}
}

// The failure of an optional part is logged, and the others keep running.
func TestRun_ContinuesWithoutAnOptionalPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		var text strings.Builder
		socket := r.part("socket", errors.New("permission denied"))
		socket.Optional = true
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- Run(ctx, slog.New(slog.NewTextHandler(&text, nil)), []Part{socket, r.part("device", nil)})
		}()
		synctest.Wait()
		if fmt.Sprint(r.ended) != "[socket]" || !strings.Contains(text.String(), `msg="continuing without the socket" error="permission denied"`) {
			t.Errorf("ended %v, logged %s", r.ended, text.String())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
