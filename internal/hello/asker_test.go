package hello

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func summed(text string) string { return fmt.Sprintf("%s ~%04X", text, protocol.Sum([]byte(text))) }

var (
	begins = summed("!hello tank protocol=1 library=0.2.0 parts=1")
	part   = summed("!reading 1/1 level mm")
	state  = summed("!state session=0000 last=0 input=63 taken=0")
)

// rig is an Asker at a port that keeps what is written.
type rig struct {
	*Asker
	written []string
}

func (r *rig) Write(_ context.Context, line []byte) (bool, error) {
	r.written = append(r.written, strings.TrimSpace(string(line)))
	return true, nil
}

// converse asks the board while it prints these lines, five a second, and returns how
// long that took, in tenths of a second. An empty line closes and reopens the port.
func (r *rig) converse(lines ...string) (took time.Duration) {
	begin := time.Now()
	r.Opened(begin)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Ask(context.Background(), r)
	}()
	for _, line := range lines {
		time.Sleep(200 * time.Millisecond)
		if line == "" {
			r.Closed(time.Now(), nil)
			time.Sleep(time.Minute)
			r.Opened(time.Now())
			continue
		}
		r.Line(time.Now(), []byte(line))
		synctest.Wait()
	}
	<-done
	return time.Since(begin) / (100 * time.Millisecond)
}

func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		asked int
		took  time.Duration
		id    string
		err   string
	}{
		"a hello at boot":              {[]string{begins, part}, 0, 4, "tank", ""},
		"asked":                        {[]string{summed("n=1"), begins, part}, 1, 6, "tank", ""},
		"asked again for what is lost": {[]string{begins, "!reading 1/1 le", "n=1", "n=2", "n=3", "n=4", begins, part}, 1, 16, "tank", ""},
		"never complete":               {[]string{state}, 10, 102, "", ""},
		"a plain sketch":               {[]string{"!hello tank protocol=1 library=1 parts=0", "n=1", "!state session=0000 last=0 input=63 taken=0 ~0000"}, 0, 100, "", ""},
		"silence":                      {nil, 0, 100, "", ""},
		"another board after it":       {[]string{begins, "", part, begins, part}, 0, 610, "tank", ""},
		"another protocol":             {[]string{summed("!hello tank protocol=9 library=9 parts=0")}, 0, 102, "", "protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &rig{Asker: New(10 * time.Second)}
				took := r.converse(c.lines...)
				described, _ := r.Description()
				if described.ID != c.id || took != c.took || len(r.written) != c.asked || slices.ContainsFunc(r.written, func(w string) bool { return w != r.written[0] || !strings.HasPrefix(w, "?") }) {
					t.Errorf("%q after %v s, written %q", described.ID, took, r.written)
				}
				if got := fmt.Sprint(r.Err()); c.err == "" && r.Err() != nil || !strings.Contains(got, c.err) {
					t.Errorf("error %s", got)
				}
			})
		})
	}
}

func TestAsker_EndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			New(time.Hour).Ask(ctx, &rig{}) // the port is never opened
		}()
		synctest.Wait()
		cancel()
		<-done
	})
}
