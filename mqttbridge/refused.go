package mqttbridge

import "arduino-gateway/internal/mqttconn"

// ConnectCode is the return code of a CONNACK, a broker's answer to CONNECT.
type ConnectCode byte

// The return codes of MQTT 3.1 and 3.1.1.
const (
	Accepted ConnectCode = iota
	BadProtocol
	BadClientID
	ServerUnavailable
	BadCredentials
	NotAuthorized
)

// String returns the code in words, such as "bad user name or password".
func (c ConnectCode) String() string { return mqttconn.ConnectResult(byte(c)) }

// RefusedError is the answer of a broker that refuses a session. [Session.Err]
// wraps it.
type RefusedError struct {
	Code ConnectCode // any but Accepted
}

// Error returns the code, its words and a hint.
func (e *RefusedError) Error() string {
	return (&mqttconn.RefusedError{Code: byte(e.Code)}).Error()
}
