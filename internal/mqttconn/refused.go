package mqttconn

import "fmt"

// connectResults are the words for the return codes of a CONNACK. MQTT 3.1 and 3.1.1
// have those up to 5; the others are of MQTT 5, and some brokers send them to every
// client.
var connectResults = map[byte]string{
	0: "accepted",
	1: "unacceptable protocol version",
	2: "identifier rejected",
	3: "server unavailable",
	4: "bad user name or password",
	5: "not authorized",

	0x80: "unspecified error",
	0x81: "malformed packet",
	0x82: "protocol error",
	0x83: "implementation specific error",
	0x84: "unsupported protocol version",
	0x85: "client identifier not valid",
	0x86: "bad user name or password",
	0x87: "not authorized",
	0x88: "server unavailable",
	0x89: "server busy",
	0x8a: "banned",
	0x8c: "bad authentication method",
	0x90: "topic name invalid",
	0x95: "packet too large",
	0x97: "quota exceeded",
	0x99: "payload format invalid",
	0x9a: "retain not supported",
	0x9b: "QoS not supported",
	0x9c: "use another server",
	0x9d: "server moved",
	0x9f: "connection rate exceeded",
}

// ConnectResult returns the words for the return code of a CONNACK, the broker's
// answer to CONNECT.
func ConnectResult(code byte) string {
	if words := connectResults[code]; words != "" {
		return words
	}
	return "unknown return code"
}

// Credentials are what a CONNECT had of a user's name and password.
type Credentials int

// The kinds of credentials. The zero value is not known.
const (
	UnknownCredentials Credentials = iota
	NoCredentials                  // neither name nor password
	NameOnly                       // a name without a password
	NameAndPassword
)

// RefusedError is the answer of a broker that refuses a CONNECT.
type RefusedError struct {
	Code        byte // as it stood in the CONNACK
	Credentials Credentials
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused with code %d: %s (hint: %s)", e.Code, ConnectResult(e.Code), e.hint())
}

// hint returns what a user can do about a refusal.
func (e *RefusedError) hint() string {
	switch e.Code {
	case 1, 0x84:
		return `the broker speaks another version of MQTT: if it is MQTT 5 only, let it accept 3.1.1, else set mqtt.protocol to "3.1.1" or "3.1"`
	case 2, 0x85:
		return "choose another client_id; MQTT 3.1 allows at most 23 characters"
	case 3, 0x88, 0x89:
		return "the broker is starting, stopping or full"
	case 4, 5, 0x86, 0x87:
		return e.userHint()
	case 0x8a:
		return "the broker has banned this client or address: see its log"
	case 0x95:
		return "the broker's limit of a packet is too low for this session's CONNECT"
	case 0x97, 0x9f:
		return "the broker's limit of connections, or of new ones in a time, is reached"
	case 0x9c, 0x9d:
		return "set mqtt.broker to the server that the broker's documentation names"
	default:
		return "see the broker's log"
	}
}

func (e *RefusedError) userHint() string {
	hint := "check mqtt.username, the password and the broker's access rules"
	if e.Code == 4 || e.Code == 0x86 {
		hint = "check mqtt.username and the password"
	}
	switch e.Credentials {
	case NoCredentials:
		return hint + ": the gateway sent no user name"
	case NameOnly:
		return hint + ": the gateway sent no password, see mqtt.password_file"
	}
	return hint
}
