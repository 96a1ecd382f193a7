package mqttbridge

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"arduino-gateway/internal/mqttconn"
)

const (
	maxInflight  = 10_000
	maxKeepAlive = math.MaxUint16 * time.Second
)

// Validate returns an error for each rule that the options break, joined, and nil
// if a session can use them. Each error begins with the name of the field.
func (o Options) Validate() error {
	return errors.Join(o.checkBrokers(), o.checkClient(), o.checkTimes(), o.checkReadings(),
		checkTopic("StatusTopic", o.StatusTopic), checkTopic("Topic", o.Topic), checkTopic("Listen", o.Listen), o.checkWatch())
}

func (o Options) checkWatch() error {
	var wrong []error
	for _, filter := range o.Watch {
		wrong = append(wrong, checkTopic("Watch", strings.Trim(strings.ReplaceAll("/"+filter+"/", "/+/", "//"), "/")))
	}
	return errors.Join(wrong...)
}

func (o Options) checkBrokers() error {
	if len(o.Brokers) == 0 {
		return invalid("Brokers", "empty (hint: one URL or more, such as mqtt://127.0.0.1:1883)")
	}
	var wrong []error
	for i, broker := range o.Brokers {
		if err := checkBroker(broker); err != nil {
			wrong = append(wrong, fmt.Errorf("%s[%d]: %w", "Brokers", i, err))
		}
	}
	return errors.Join(wrong...)
}

func checkBroker(broker *url.URL) error {
	switch {
	case broker == nil:
		return errors.New("nil")
	case !slices.Contains(mqttconn.Schemes, broker.Scheme):
		return fmt.Errorf("unknown scheme %q (hint: %s)", broker.Scheme, strings.Join(mqttconn.Schemes, ", "))
	case broker.Hostname() == "":
		return fmt.Errorf("no host in %q", broker.Redacted())
	}
	return nil
}

func (o Options) checkClient() error {
	var wrong []error
	if o.ClientID == "" && !o.CleanSession {
		wrong = append(wrong, invalid("ClientID", "empty, with CleanSession false (hint: a broker keeps a session under its client ID)"))
	}
	if o.Password != "" && o.Username == "" {
		wrong = append(wrong, invalid("Username", "empty, with a Password"))
	}
	if !slices.Contains([]Protocol{0, Protocol31, Protocol311}, o.Protocol) {
		wrong = append(wrong, invalid("Protocol", "%d (hint: Protocol31 or Protocol311)", o.Protocol))
	}
	if o.BindAddress != "" && net.ParseIP(o.BindAddress) == nil {
		wrong = append(wrong, invalid("BindAddress", "%q is not an IP address", o.BindAddress))
	}
	return errors.Join(wrong...)
}

func (o Options) checkTimes() error {
	var wrong []error
	if o.KeepAlive < 0 || o.KeepAlive > maxKeepAlive || o.KeepAlive%time.Second != 0 {
		wrong = append(wrong, invalid("KeepAlive", "%v (hint: whole seconds up to 65535)", o.KeepAlive))
	}
	least, most := cmp.Or(o.ReconnectMin, mqttconn.DefaultMin), cmp.Or(o.ReconnectMax, mqttconn.DefaultMax)
	if o.ReconnectMin < 0 || least > most {
		wrong = append(wrong, invalid("ReconnectMin", "%v (hint: not negative, and at most ReconnectMax, %v)", least, most))
	}
	if o.LateAfter < 0 {
		wrong = append(wrong, invalid("LateAfter", "%v is negative", o.LateAfter))
	}
	return errors.Join(wrong...)
}

func (o Options) checkReadings() error {
	var wrong []error
	if o.QoS > 1 {
		wrong = append(wrong, invalid("QoS", "%d (hint: 0 or 1)", o.QoS))
	}
	if !slices.Contains([]Payload{"", PayloadValue, PayloadJSON, PayloadBoth}, o.Payload) {
		wrong = append(wrong, invalid("Payload", "%q (hint: value, json or both)", o.Payload))
	}
	if o.MaxInflight < 0 || o.MaxInflight > maxInflight {
		wrong = append(wrong, invalid("MaxInflight", "%d (hint: up to %d)", o.MaxInflight, maxInflight))
	}
	return errors.Join(wrong...)
}

// checkTopic checks a topic to publish on; "" is none.
func checkTopic(field, topic string) error {
	switch {
	case strings.ContainsAny(topic, "+#\x00"):
		return invalid(field, "%q has a wildcard or a NUL", topic)
	case !utf8.ValidString(topic):
		return invalid(field, "%q is not UTF-8", topic)
	case len(topic) > math.MaxUint16:
		return invalid(field, "%d bytes (hint: at most %d)", len(topic), math.MaxUint16)
	}
	return nil
}

// invalid returns the error for a field of Options.
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...))
}
