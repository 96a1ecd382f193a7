package journal

import (
	"encoding/json"
	"strconv"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/jsontext"
)

// Entry is a command in hand. A record is an entry as encoding/json has it:
//
//	{"id":436,"packet":7,"command":"led","value":"on","arrived":"2026-01-02T03:04:05.678901Z"}
type Entry struct {
	ID      uint64         `json:"id"`               // rising
	Packet  uint16         `json:"packet,omitempty"` // MQTT's identifier of the message; 0 at QoS 0
	Command string         `json:"command"`
	Value   string         `json:"value"`          // as it came
	Line    string         `json:"line,omitempty"` // as it was sent, without number and ending
	Arrived time.Time      `json:"arrived"`
	Sent    bool           `json:"sent,omitempty"`    // it may have reached the board
	Session uint16         `json:"session,omitempty"` // in which it was sent, with its number; 0 to a board that has none
	Number  uint16         `json:"number,omitempty"`
	Result  *device.Result `json:"result,omitempty"` // until the broker has it
	Over    bool           `json:"over,omitempty"`   // the broker has it
}

// head is the first record of a file.
type head struct {
	Boot   string `json:"boot"`             // of the machine; "" is not known
	Speaks bool   `json:"speaks,omitempty"` // the board confirms commands
}

// appendHead appends the record that begins a file.
func appendHead(b []byte, h head) []byte {
	text, err := json.Marshal(h)
	if err != nil {
		panic(err) // of types that have no way to fail
	}
	return append(append(b, text...), '\n')
}

// appendEntry appends a record by hand: a command waits for two of them before its
// line goes out. All that the journal does for a command takes 15 µs so, and 20 with
// encoding/json.
func appendEntry(b []byte, e *Entry) []byte {
	b = strconv.AppendUint(append(b, `{"id":`...), e.ID, 10)
	b = appendNumber(b, `,"packet":`, e.Packet)
	b = jsontext.AppendString(append(b, `,"command":`...), e.Command)
	b = jsontext.AppendString(append(b, `,"value":`...), e.Value)
	b = jsontext.AppendField(b, `,"line":`, e.Line)
	b = append(e.Arrived.AppendFormat(append(b, `,"arrived":"`...), time.RFC3339Nano), '"')
	b = appendFlag(b, `,"sent":true`, e.Sent)
	b = appendNumber(b, `,"session":`, e.Session)
	b = appendNumber(b, `,"number":`, e.Number)
	if e.Result != nil {
		b = appendResult(append(b, `,"result":`...), e.Result)
	}
	b = appendFlag(b, `,"over":true`, e.Over)
	return append(b, "}\n"...)
}

func appendResult(b []byte, r *device.Result) []byte {
	b = jsontext.AppendString(append(b, `{"Status":`...), string(r.Status))
	b = jsontext.AppendField(b, `,"Value":`, r.Value)
	b = jsontext.AppendField(b, `,"Line":`, r.Line)
	b = jsontext.AppendField(b, `,"Reply":`, r.Reply)
	b = jsontext.AppendField(b, `,"Error":`, r.Error)
	b = strconv.AppendInt(append(b, `,"Took":`...), int64(r.Took), 10)
	return append(b, '}')
}

// appendNumber appends nothing for 0.
func appendNumber(b []byte, key string, n uint16) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendUint(append(b, key...), uint64(n), 10)
}

func appendFlag(b []byte, field string, on bool) []byte {
	if !on {
		return b
	}
	return append(b, field...)
}
