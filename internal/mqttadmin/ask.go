package mqttadmin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/mqttbridge"
)

// Answer is the result of a command that Ask sent.
type Answer struct {
	Payload []byte // as published on the result topic
	Status  device.Status
	Error   string
}

// Ask sends a command as any MQTT client would, and waits for its result until ctx
// ends. It cannot tell it from the result of another client's command with the same
// value. It uses only the brokers, the credentials and Topic of the options.
func Ask(ctx context.Context, options mqttbridge.Options, command, value string) (Answer, error) {
	if command == "" || strings.ContainsAny(command, "/+#") {
		return Answer{}, fmt.Errorf("%q is not the name of a command", command)
	}
	answers := make(chan []byte, 1)
	o := connection(options, func(m device.Message) {
		if !concerns(m.Payload, value) {
			return
		}
		select {
		case answers <- m.Payload:
		default:
		}
	})
	o.ClientID = "gateway-send-" + rand.Text()[:10]
	c, err := mqttconn.DialAny(ctx, options.Brokers, o)
	if err != nil {
		return Answer{}, err
	}
	defer c.Disconnect()
	return ask(ctx, c, question{options.Topic, command, value, o.Times.Answer}, answers)
}

// question is one command to send.
type question struct {
	topic, command, value string
	limit                 time.Duration // for the PUBACK
}

// ask subscribes before it publishes: the result may come at once.
func ask(ctx context.Context, c *mqttconn.Conn, q question, answers <-chan []byte) (Answer, error) {
	if _, err := c.Subscribe(ctx, mqttbridge.ResultTopic(q.topic, q.command)); err != nil {
		return Answer{}, fmt.Errorf("subscribe to the result: %w", err)
	}
	if err := c.Publish(ctx, q.limit, mqttbridge.CommandTopic(q.topic, q.command), q.value, false); err != nil {
		return Answer{}, fmt.Errorf("publish the command: %w", err)
	}
	select {
	case payload := <-answers:
		return parseAnswer(payload)
	case <-c.Lost():
		return Answer{}, fmt.Errorf("wait for the result: %w", c.Cause())
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
