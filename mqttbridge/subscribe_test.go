package mqttbridge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/publisher"
)

// A device with commands is online only while the broker has granted its subscription.
// Before the first answer the status stays as it was.
func TestStatusOf(t *testing.T) {
	for _, c := range []struct {
		online, commands bool
		s                subscription
		want             string
	}{
		{true, true, asked, ""},
		{true, true, granted, publisher.Online},
		{true, true, denied, publisher.Offline},
		{true, false, asked, ""},
		{true, false, granted, publisher.Online},
		{true, false, denied, publisher.Online},
		{false, true, asked, publisher.Offline},
		{false, true, granted, publisher.Offline},
		{false, true, denied, publisher.Offline},
		{false, false, asked, publisher.Offline},
	} {
		if got := statusOf(c.online, c.commands, c.s); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// The time until the next request doubles from 5 s to 60 s.
func TestAskAgain(t *testing.T) {
	var got []time.Duration
	for requests := range 7 {
		got = append(got, askAgain(requests+1)/time.Second)
	}
	if want := []time.Duration{5, 10, 20, 40, 60, 60, 60}; !slices.Equal(got, want) {
		t.Errorf("%d s, want %d s", got, want)
	}
}

// still is a session at a broker that answers SUBSCRIBE as no real one can be made
// to, while time stands still.
type still struct {
	*running
	begun time.Time

	mu         sync.Mutex
	subscribed []time.Duration // since begun
	published  []string        // since begun
}

func standStill(t *testing.T, sink *mqtttest.Sink, answer func(n int) mqtttest.Suback, commands bool) *still {
	s := &still{begun: time.Now()}
	sink.Suback = func(filter string, n int) mqtttest.Suback {
		if filter == "devices/uno/status" { // may be refused
			return mqtttest.Suback{Code: 0x80}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.subscribed = append(s.subscribed, time.Since(s.begun))
		return answer(n)
	}
	sink.Publish = func(body []byte) {
		s.mu.Lock()
		defer s.mu.Unlock()
		topic := string(body[2 : 2+body[1]])
		s.published = append(s.published, fmt.Sprint(time.Since(s.begun), " ", strings.TrimPrefix(topic, "devices/uno/"), " ",
			string(bytes.TrimLeft(body[4+body[1]:], "\x00"))))
	}
	o := deviceOptions(&url.URL{Scheme: "mqtt", Host: "broker"})
	s.running = run(t, o, func(s *Session) {
		s.open = func(context.Context, *url.URL) (net.Conn, error) {
			near, far := net.Pipe()
			go sink.Serve(far)
			return near, nil
		}
		s.SetCommands(commands)
		s.SetOnline(true)
	})
	synctest.Wait()
	return s
}

func (s *still) publishedOn(topic string) (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.published {
		if strings.Contains(p, " "+topic+" ") {
			all = append(all, strings.Replace(p, topic+" ", "", 1))
		}
	}
	return all
}

func refuse(int) mqtttest.Suback { return mqtttest.Suback{Code: 0x80} }
func never(int) mqtttest.Suback  { return mqtttest.Suback{After: -1} }

// from answers the first requests otherwise than the later ones.
func from(n int, first, later func(int) mqtttest.Suback) func(int) mqtttest.Suback {
	return func(i int) mqtttest.Suback {
		if i < n {
			return first(i)
		}
		return later(i)
	}
}

func grant(after time.Duration) func(int) mqtttest.Suback {
	return func(int) mqtttest.Suback { return mqtttest.Suback{Code: 1, After: after} }
}

// The session asks again on the same connection, publishes readings meanwhile, and is
// online for senders of commands when the broker has granted the subscription.
func TestSession_AsksAgain(t *testing.T) {
	const refused, silent = "not subscribed: devices/uno/set/#: the broker refuses", "not subscribed: devices/uno/set/#: the broker does not answer SUBSCRIBE"
	for name, c := range map[string]struct {
		answer   func(int) mqtttest.Suback
		commands bool
		asked    []time.Duration // seconds, within the first ten minutes
		status   []string
		problem  string // after six seconds
	}{
		"granted":              {grant(0), true, []time.Duration{0}, []string{"0s online"}, ""},
		"granted with QoS 0":   {func(int) mqtttest.Suback { return mqtttest.Suback{} }, true, []time.Duration{0}, []string{"0s online"}, ""},
		"granted after 3 s":    {grant(3 * time.Second), true, []time.Duration{0}, []string{"3s online"}, ""},
		"granted after 12 s":   {from(2, grant(12*time.Second), never), true, []time.Duration{0, 5}, []string{"5s offline", "12s online"}, silent},
		"granted at the third": {from(3, refuse, grant(0)), true, []time.Duration{0, 5, 15}, []string{"0s offline", "15s online"}, refused},
		"answered the fourth":  {from(4, never, grant(0)), true, []time.Duration{0, 5, 15, 35}, []string{"5s offline", "35s online"}, silent},
		"refused":              {refuse, true, []time.Duration{0, 5, 15, 35, 75, 135, 195, 255, 315, 375, 435, 495, 555}, []string{"0s offline"}, refused},
		"no answer":            {never, true, []time.Duration{0, 5, 15, 35, 75, 135, 195, 255, 315, 375, 435, 495, 555}, []string{"5s offline"}, silent},
		"no commands, refused": {from(3, refuse, grant(0)), false, []time.Duration{0, 5, 15}, []string{"0s online"}, refused},
		"no commands, silent":  {from(3, never, grant(0)), false, []time.Duration{0, 5, 15}, []string{"5s online"}, silent},
	} {
		sink := mqtttest.NewSink(t)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := standStill(t, sink, c.answer, c.commands)
				s.source.Add(mqtttest.Numbered(1))
				synctest.Wait()
				if got := s.publishedOn("n"); !slices.Equal(got, []string{"0s 1"}) {
					t.Errorf("readings %q", got)
				}
				time.Sleep(6 * time.Second)
				synctest.Wait()
				if got := s.Stats(); !strings.HasPrefix(got.Problem, c.problem) || got.Problem != "" && !strings.Contains(got.Problem, "(hint: ") || (got.Problem == "") != (c.problem == "") {
					t.Errorf("problem %q", got.Problem)
				}
				time.Sleep(10*time.Minute - 7*time.Second)
				synctest.Wait()
				for i := range s.subscribed {
					s.subscribed[i] /= time.Second
				}
				if !slices.Equal(s.subscribed, c.asked) {
					t.Errorf("asked after %d s, want %d", s.subscribed, c.asked)
				}
				if got := s.publishedOn("status"); !slices.Equal(got, c.status) {
					t.Errorf("status %q, want %q", got, c.status)
				}
				last := c.answer(len(c.asked))
				if got := s.Stats(); got.Subscribed != (last.Code < 0x80 && len(c.asked) < 10) || got.Subscribed != (got.Problem == "") || got.Losses > 0 {
					t.Errorf("%+v", got)
				}
				if warnings, over := s.log.Count("level=WARN"), s.log.Count("msg=subscribed"); warnings != min(1, len(c.problem)) || over != warnings && s.Stats().Subscribed {
					t.Errorf("logged:\n%s", &s.log)
				}
				s.end()
			})
		})
	}
}

// A device is deaf from when it accepts its first command: the board may describe it
// later than the broker refuses the subscription.
func TestSession_CommandsComeLater(t *testing.T) {
	sink := mqtttest.NewSink(t)
	synctest.Test(t, func(t *testing.T) {
		s := standStill(t, sink, from(4, refuse, grant(0)), false)
		if got := s.Stats(); got.Deaf || got.Subscribed || !got.DeafSince.IsZero() {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Second)
		s.SetCommands(true)
		if got := s.Stats(); !got.Deaf || time.Since(got.DeafSince) != 0 {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, want := s.publishedOn("status"), []string{"0s online", "1s offline", "35s online"}; !slices.Equal(got, want) || s.Stats().Deaf {
			t.Errorf("status %q, want %q", got, want)
		}
		s.end()
	})
}

// A SUBACK to a subscription that the session has not asked for grants nothing.
func TestSession_StraySuback(t *testing.T) {
	sink := mqtttest.NewSink(t)
	sink.Granted = 0x80
	sink.Push = func(w io.Writer) {
		for id := 0xf9; id <= 0xff; id++ {
			_, _ = w.Write([]byte{0x90, 3, 0x7f, byte(id), 0})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := run(t, deviceOptions(&url.URL{Scheme: "mqtt", Host: "broker"}), func(s *Session) {
			s.open = func(context.Context, *url.URL) (net.Conn, error) {
				near, far := net.Pipe()
				go sink.Serve(far)
				return near, nil
			}
		})
		synctest.Wait()
		if got := s.Stats(); !got.Connected || got.Subscribed || got.Losses > 0 {
			t.Errorf("%+v", got)
		}
		s.end()
	})
}

// A session stops as fast at a broker that does not answer SUBSCRIBE.
func TestSession_StopsWithoutSuback(t *testing.T) {
	sink := mqtttest.NewSink(t)
	synctest.Test(t, func(t *testing.T) {
		s := standStill(t, sink, never, true)
		time.Sleep(time.Minute)
		begin := time.Now()
		s.end()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if got := s.publishedOn("status"); !slices.Equal(got, []string{"5s offline"}) {
			t.Errorf("status %q", got)
		}
	})
}
