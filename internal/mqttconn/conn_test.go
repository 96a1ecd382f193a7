package mqttconn

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testOptions() Options {
	return Options{ClientID: "uno", CleanSession: true, Times: DefaultTimes()}
}

// dial connects, and closes the connection with the test.
func dial(t *testing.T, broker *url.URL, o Options) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), broker, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// A client subscribes, publishes, receives its own message, and clears the topic.
func TestConn_RoundTrip(t *testing.T) {
	broker := mosquittotest.Start(t)
	messages := make(chan device.Message, 10)
	o := testOptions()
	o.Message = func(m device.Message) { messages <- m }
	c := dial(t, broker.URL(), o)
	if granted, err := c.Subscribe(t.Context(), "a"); !granted || err != nil {
		t.Fatal(granted, err)
	}
	if err := c.Publish(t.Context(), o.Times.Answer, "a", "on", true); err != nil {
		t.Fatal(err)
	}
	if m := <-messages; m.Topic != "a" || string(m.Payload) != "on" || m.QoS != 1 || m.Retained {
		t.Errorf("%+v", m)
	}
	if err := c.Clear(t.Context(), []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	if m := <-messages; m.Topic != "a" || m.Size != 0 {
		t.Errorf("%+v", m)
	}
	if err := c.Unsubscribe(t.Context(), o.Times.Answer, "a"); err != nil {
		t.Fatal(err)
	}
	c.Disconnect()
	<-c.Lost()
	broker.WaitLog("Received DISCONNECT from uno")
}

// DialAny tries each broker, reports each failure, and needs at least one.
func TestDialAny(t *testing.T) {
	failures := 0
	o := testOptions()
	o.Failed = func() { failures++ }
	refuses := mqtttest.NewSink(t, 0x20, 2, 0, 4).Start(t).URL()
	accepts := mqtttest.NewSink(t, 0x20, 2, 1, 0).Start(t).URL()
	c, err := DialAny(t.Context(), []*url.URL{refuses, accepts}, o)
	if err != nil || !c.SessionPresent() || c.Broker() != accepts.String() || failures != 1 {
		t.Fatalf("%v, %d failures", err, failures)
	}
	c.Close()
	_, err = DialAny(t.Context(), []*url.URL{refuses, refuses}, o)
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Code != 4 || failures != 3 {
		t.Errorf("%v, %d failures", err, failures)
	}
	if _, err := DialAny(t.Context(), nil, o); err == nil {
		t.Error("connected without a broker")
	}
}

// A request ends after its limit or with its context, and Fail ends the connection
// once.
func TestConn_RequestsEnd(t *testing.T) {
	sink := mqtttest.NewSink(t)
	sink.Mute = func(kind byte) bool { return slices.Contains([]byte{3, 8, 10}, kind) } // PUBLISH, SUBSCRIBE, UNSUBSCRIBE
	c := dial(t, sink.Start(t).URL(), testOptions())
	if err := c.Publish(t.Context(), time.Millisecond, "a", "", false); !errors.Is(err, errNoAnswer) {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.SubscribeAll(cancelled, "a"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	why := errors.New("why")
	if got := c.Fail(why); got != why || c.Fail(errClosed) != why || c.Cause() != why {
		t.Error(got)
	}
	<-c.Lost()
}
