package mqttconn

import "fmt"

// ConnectResult returns the words for the return code of a CONNACK, the broker's
// answer to CONNECT.
func ConnectResult(code byte) string {
	switch code {
	case 0:
		return "accepted"
	case 1:
		return "unacceptable protocol version"
	case 2:
		return "identifier rejected"
	case 3:
		return "server unavailable"
	case 4:
		return "bad user name or password"
	case 5:
		return "not authorized"
	default:
		return "unknown return code"
	}
}

// connectHint returns what a user can do about a refusal.
func connectHint(code byte) string {
	switch code {
	case 1:
		return `set mqtt.protocol to the version that this broker speaks, "3.1.1" or "3.1"`
	case 2:
		return "choose another client_id; MQTT 3.1 allows at most 23 characters"
	case 3:
		return "the broker is starting, stopping or full"
	case 4:
		return "check mqtt.username and the password"
	case 5:
		return "check mqtt.username, the password and the broker's access rules"
	case 'P': // of HTTP/1.1 400 Bad Request
		return "it answers as a web server does: a broker's port is usually 1883; for a WebSocket port use ws:// or wss://"
	default:
		return "see the broker's log"
	}
}

// RefusedError is the answer of a broker that refuses a CONNECT.
type RefusedError struct {
	Code byte // as it stood in the CONNACK
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused with code %d: %s (hint: %s)", e.Code, ConnectResult(e.Code), connectHint(e.Code))
}
