package mqttbridge

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"arduino-gateway/device"
)

// Answer is what became of a command that Ask sent.
type Answer struct {
	Payload []byte // as it stood on the result topic
	Status  device.Status
	Error   string
}

// Ask sends a command as any MQTT client would, and waits until ctx ends for
// its result, or for that of another client's command with the same value. Of the
// options it takes the broker, the credentials and Topic; the client ID is a random
// one, so that no session of the gateway is disturbed.
func Ask(ctx context.Context, options Options, command, value string) (Answer, error) {
	if command == "" || strings.ContainsAny(command, "/+#") {
		return Answer{}, fmt.Errorf("%q is no name of a command", command)
	}
	options.ClientID = "gateway-send-" + rand.Text()[:10]
	options.CleanSession = true
	options.StatusTopic = ""
	s := New(options, nil, nil, slog.New(slog.DiscardHandler))
	answers := make(chan []byte, 1)
	s.hear = func(m device.Message) {
		if !concerns(m.Payload, value) {
			return
		}
		select {
		case answers <- m.Payload:
		default:
		}
	}
	c, err := s.connectAny(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer c.client.Disconnect(milliseconds(s.times.leave))
	return c.ask(ctx, command, value, answers)
}

// ask subscribes before it publishes: the result may be there at once.
func (c *connection) ask(ctx context.Context, command, value string, answers <-chan []byte) (Answer, error) {
	limit := c.session.times.answer
	topic := c.session.options.Topic
	if err := c.await(ctx, c.client.Subscribe(resultTopic(topic, command), 1, nil), limit); err != nil {
		return Answer{}, fmt.Errorf("subscribe to the result: %w", err)
	}
	if err := c.await(ctx, c.client.Publish(CommandTopic(topic, command), 1, false, value), limit); err != nil {
		return Answer{}, fmt.Errorf("publish the command: %w", err)
	}
	select {
	case payload := <-answers:
		return parseAnswer(payload)
	case <-c.conn.lost:
		return Answer{}, fmt.Errorf("wait for the result: %w", c.cause())
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	}
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

// concerns tells whether a result is that of the value that was sent, for others may
// send the same command at the same time. Of a value that is no text, or empty, a
// result has none.
func concerns(result []byte, sent string) bool {
	var told struct{ Value *string }
	if err := json.Unmarshal(result, &told); err != nil || told.Value == nil || *told.Value == sent {
		return true
	}
	for _, kind := range []device.CommandType{device.Bool, device.Int} { // the others have one spelling of a value
		if _, canonical, err := (device.Command{Type: kind}).Encode(sent); err == nil && canonical == *told.Value {
			return true
		}
	}
	return false
}
