package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type part struct {
	name  string
	fail  error
	mu    *sync.Mutex
	ended *[]string
}

func (p part) String() string { return p.name }

func (p part) Run(ctx context.Context) error {
	if p.fail == nil {
		<-ctx.Done()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	*p.ended = append(*p.ended, p.name)
	return p.fail
}

func TestStagesStopLastFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ended []string
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- Run(ctx, []Runner{part{"broker", nil, &mu, &ended}}, nil, []Runner{part{"device", nil, &mu, &ended}})
		}()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if fmt.Sprint(ended) != "[device broker]" {
			t.Errorf("ended %v", ended)
		}
	})
}

func TestAFailureStopsAll(t *testing.T) {
	var mu sync.Mutex
	var ended []string
	cause := errors.New("address in use")
	err := Run(t.Context(), []Runner{part{"broker", cause, &mu, &ended}}, []Runner{part{"device", nil, &mu, &ended}})
	if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "broker: ") {
		t.Errorf("error %v", err)
	}
	if len(ended) != 2 {
		t.Errorf("ended %v", ended)
	}
}
