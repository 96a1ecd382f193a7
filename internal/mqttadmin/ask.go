package mqttadmin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/publisher"
	"arduino-gateway/mqttbridge"
)

// Answer is the result of a command that Ask sent.
type Answer struct {
	Payload []byte // as published on the result topic
	Status  device.Status
	Error   string
}

// Ask sends a command as any MQTT client would, and waits for its result until ctx
// ends; if its time is over, the error is a *NoResultError. It cannot tell it from the result of another
// client's command with the same value. It uses only the brokers, the credentials and
// Topic of the options.
func Ask(ctx context.Context, options mqttbridge.Options, command, value string) (Answer, error) {
	if command == "" || strings.ContainsAny(command, "/+#") {
		return Answer{}, fmt.Errorf("%q is not the name of a command", command)
	}
	q := question{topic: options.Topic, command: command, value: value}
	e := newExchange(q)
	o := connection(options, e.message)
	o.ClientID = "gateway-send-" + rand.Text()[:10]
	c, err := mqttconn.DialAny(ctx, options.Brokers, o)
	if err != nil {
		return Answer{}, err
	}
	defer c.Disconnect()
	return e.ask(ctx, c, o.Times.Answer)
}

// question is one command to send.
type question struct{ topic, command, value string }

func (q question) resultTopic() string { return mqttbridge.ResultTopic(q.topic, q.command) }
func (q question) statusTopic() string { return q.topic + "/status" }

// exchange is a question and what the broker sends meanwhile.
type exchange struct {
	question
	answers chan []byte            // capacity 1
	status  atomic.Pointer[string] // of the device; nil: not seen
}

func newExchange(q question) *exchange { return &exchange{question: q, answers: make(chan []byte, 1)} }

// message takes the device's status and the result.
func (e *exchange) message(m device.Message) {
	switch {
	case m.Topic == e.statusTopic():
		e.status.Store(new(string(m.Payload)))
	case concerns(m.Payload, e.value):
		select {
		case e.answers <- m.Payload:
		default:
		}
	}
}

// ask subscribes before it publishes: the result may come at once. The status tells why
// there may be none.
func (e *exchange) ask(ctx context.Context, c *mqttconn.Conn, limit time.Duration) (Answer, error) {
	granted, err := c.Subscribe(ctx, e.resultTopic())
	if err == nil && !granted {
		return Answer{}, fmt.Errorf("not sent: the broker refuses the subscription to %s (hint: let this user read it in the broker's access rules)", e.resultTopic())
	}
	if err == nil {
		err = c.SubscribeAll(ctx, e.statusTopic())
	}
	if err != nil {
		return Answer{}, fmt.Errorf("subscribe to the result: %w", err)
	}
	if err := c.Publish(ctx, limit, mqttbridge.CommandTopic(e.topic, e.command), e.value, false); err != nil {
		return Answer{}, fmt.Errorf("publish the command: %w", err)
	}
	select {
	case payload := <-e.answers:
		return parseAnswer(payload)
	case <-c.Lost():
		return Answer{}, fmt.Errorf("wait for the result: %w", c.Cause())
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return Answer{}, context.Cause(ctx)
		}
		return Answer{}, e.noResult(context.Cause(ctx))
	}
}

func (e *exchange) noResult(cause error) error {
	r := &NoResultError{Cause: cause, Topic: e.topic, Command: e.command}
	if status := e.status.Load(); status != nil {
		r.Status = *status
	}
	return r
}

// NoResultError reports that no result of a command came in time.
type NoResultError struct {
	Cause          error // of the end of the context
	Topic, Command string
	Status         string // payload of the device's status; "" if none came
	Received       bool   // the gateway has received the command; set by who knows that
}

func (e *NoResultError) Error() string { return fmt.Sprintf("%v (hint: %s)", e.Cause, e.hint()) }
func (e *NoResultError) Unwrap() error { return e.Cause }

// hint returns why the result may be missing. A broker may drop without a word what its
// access rules do not allow.
func (e *NoResultError) hint() string {
	command, result := mqttbridge.CommandTopic(e.Topic, e.Command), mqttbridge.ResultTopic(e.Topic, e.Command)
	switch {
	case e.Received:
		return "the gateway received the command, so the broker does not deliver the result: let this user read " + result + " in its access rules"
	case e.Status == publisher.Online:
		return "the device is online, so the broker's access rules may drop the command or its result: let this user write " + command + " and read " + result
	case e.Status == publisher.Offline:
		return "the device is offline at this broker: is `gateway run` running?"
	}
	return "is `gateway run` running, and connected to this broker? may this user read " + result + " and " + e.Topic + "/status?"
}

// parseAnswer reads {"status":"rejected","value":"dim","error":"…","took_ms":0}.
func parseAnswer(payload []byte) (Answer, error) {
	answer := Answer{Payload: payload}
	if err := json.Unmarshal(payload, &struct {
		Status *device.Status
		Error  *string
	}{&answer.Status, &answer.Error}); err != nil {
		return Answer{}, fmt.Errorf("the result %q: %w", payload, err)
	}
	return answer, nil
}

// concerns reports whether a result belongs to the value that was sent, for other
// clients may send the same command at the same time. A result has no value if
// the one sent was empty or not text.
func concerns(result []byte, sent string) bool {
	var got struct{ Value *string }
	if err := json.Unmarshal(result, &got); err != nil || got.Value == nil || *got.Value == sent {
		return true
	}
	for _, kind := range []device.CommandType{device.Bool, device.Int} { // the others have one spelling of a value
		if _, canonical, err := (device.Command{Type: kind}).Encode(sent); err == nil && canonical == *got.Value {
			return true
		}
	}
	return false
}
