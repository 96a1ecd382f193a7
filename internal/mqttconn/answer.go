package mqttconn

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

const (
	leastAnswer    = 7  // bytes of a TLS alert, the shortest of the answers below
	longestExcerpt = 40 // bytes of an answer that an error repeats
)

const usualPorts = "a broker's port is usually 1883, and 8883 with TLS"

// servers are what answers if the port is not a broker's, by how the answer begins.
var servers = []struct{ begin, what, hint string }{
	{"SSH-", "an SSH server answers", usualPorts},                  // SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10
	{"HTTP/", "a web server answers", webHint},                     // HTTP/1.1 400 Bad Request
	{"<!DOCTYPE", "a web server answers", webHint},                 // Python's http.server, to what is not HTTP
	{"\x15\x03", "a TLS server answers", "use mqtts:// or wss://"}, // an alert
	{"AMQP", "an AMQP broker answers", "use its port for MQTT, usually 1883; RabbitMQ needs its plugin rabbitmq_mqtt"},
	{"INFO {", "a NATS server answers on its port for NATS clients", "use the port of mqtt in its configuration"},
}

const webHint = "a broker's port is usually 1883; for its WebSocket port use ws:// or wss://"

// AnswerError is an answer that is not a CONNACK: the server is not a broker for
// MQTT 3.1.1.
type AnswerError struct {
	What string // such as "an SSH server answers"
	Hint string
}

func (e *AnswerError) Error() string { return e.What + " (hint: " + e.Hint + ")" }

// foreignAnswer returns what an answer says that does not begin as a CONNACK.
func foreignAnswer(answer []byte) *AnswerError {
	if known := knownServer(answer); known != nil {
		return known
	}
	excerpt := answer[:min(len(answer), longestExcerpt)]
	if i := bytes.IndexAny(excerpt, "\r\n"); i > 0 {
		excerpt = excerpt[:i]
	}
	what := fmt.Sprintf("the answer is not MQTT: % x", excerpt)
	if isText(excerpt) {
		what = "the answer is not MQTT: " + strconv.Quote(string(excerpt))
	}
	return &AnswerError{what, usualPorts}
}

// knownServer returns what an answer says that begins as one of servers, or nil. Of
// a long beginning five bytes are enough.
func knownServer(answer []byte) *AnswerError {
	for _, s := range servers {
		if n := min(len(s.begin), max(len(answer), 5)); bytes.HasPrefix(answer, []byte(s.begin[:n])) {
			return &AnswerError{s.what, s.hint}
		}
	}
	return nil
}

func isText(b []byte) bool {
	return len(b) > 0 && utf8.Valid(b) && bytes.IndexFunc(b, func(c rune) bool { return !strconv.IsPrint(c) }) < 0
}

// checkAnswer returns an error if what comes first is not a CONNACK of MQTT 3:
//
//	20 02 00 00         accepted
//	20 02 00 84         a return code of MQTT 5, as some brokers send
//	20 03 00 84 00      MQTT 5: flags, reason, properties
//	53 53 48 2d 32 2e   SSH-2.
func checkAnswer(r *bufio.Reader, kind byte, header, body int) error {
	if kind != 0x20 {
		_, _ = r.Peek(leastAnswer) // it may come in parts; the rest can be missing
		answer, err := r.Peek(min(r.Buffered(), longestExcerpt))
		if len(answer) == 0 {
			return err
		}
		return foreignAnswer(answer)
	}
	if body == 2 {
		return nil
	}
	b, err := r.Peek(header + min(body, 2))
	if err != nil {
		return err
	}
	if body < 2 || b[header+1] == 0 {
		return &AnswerError{fmt.Sprintf("the answer is not a CONNACK of MQTT 3.1.1: % x", b), "the broker may speak only MQTT 5: let it accept MQTT 3.1.1"}
	}
	return &RefusedError{Code: b[header+1]}
}
