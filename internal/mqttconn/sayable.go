package mqttconn

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

const (
	// maxText is the most bytes of a topic, and of every other text in a packet: its
	// length is a number of two bytes.
	maxText = math.MaxUint16
	// maxBody is the most bytes of a packet behind its fixed header.
	maxBody = 1<<28 - 1
)

var (
	errEmptyTopic = errors.New("the topic is empty")
	errWildcard   = errors.New("the topic contains +, # or NUL")
)

// CheckPublish returns why no PUBLISH packet can have this topic and so many bytes of
// payload. A broker would read another packet than was meant, and closes the connection.
func CheckPublish(topic string, payload int) error {
	if topic == "" {
		return errEmptyTopic
	}
	all := byte(0)
	for i := range len(topic) {
		c := topic[i]
		if c == '+' || c == '#' || c == 0 {
			return errWildcard
		}
		all |= c
	}
	if len(topic) > maxText || all >= utf8.RuneSelf {
		if err := checkText("the topic", topic); err != nil {
			return err
		}
	}
	if size := 2 + len(topic) + 2 + payload; size > maxBody {
		return fmt.Errorf("the message has %d bytes, and MQTT allows %d", size, maxBody)
	}
	return nil
}

// checkText checks a text of a packet.
func checkText(what, text string) error {
	switch {
	case len(text) > maxText:
		return fmt.Errorf("%s has %d bytes, and MQTT allows %d", what, len(text), maxText)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is not UTF-8", what)
	case strings.ContainsRune(text, 0):
		return fmt.Errorf("%s contains NUL", what)
	}
	return nil
}

// check returns why no CONNECT packet can be made of the options.
func (o Options) check() error {
	will := error(nil)
	if o.WillTopic != "" {
		will = CheckPublish(o.WillTopic, len(o.Will))
	}
	var password error
	if n := len(o.Password); n > maxText { // it may be any bytes
		password = fmt.Errorf("the password has %d bytes, and MQTT allows %d", n, maxText)
	}
	return errors.Join(checkText("the client ID", o.ClientID), checkText("the user name", o.Username), password, will)
}

// checkFilters returns why no packet can have these filters.
func checkFilters(filters ...string) error {
	size := 2
	for _, filter := range filters {
		if filter == "" {
			return errEmptyTopic
		}
		if err := checkText("the topic", filter); err != nil {
			return err
		}
		size += 2 + len(filter) + 1
	}
	if size > maxBody {
		return fmt.Errorf("the topics have %d bytes, and MQTT allows %d", size, maxBody)
	}
	return nil
}
