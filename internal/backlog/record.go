package backlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"arduino-gateway/device"
)

// recordVersion is the first byte of a record. A record of another version is
// told as such, never guessed at.
const recordVersion = 1

// leastReading is what a reading takes at least: the lengths of its three texts.
const leastReading = 3

var errBroken = errors.New("the record does not add up")

// appendRecord appends the readings of a line as they lie in the spool, each
// text behind its length as a uvarint:
//
//	01 02                               version, number of readings
//	0b temperature  05 23.50  03 °C     name, value, unit
//	03 led          02 on     00
func appendRecord(to []byte, readings []device.Reading) []byte {
	to = append(to, recordVersion)
	to = binary.AppendUvarint(to, uint64(len(readings)))
	for _, r := range readings {
		to = appendText(to, r.Name)
		to = appendText(to, r.Value)
		to = appendText(to, r.Unit)
	}
	return to
}

func appendText(to []byte, text string) []byte {
	to = binary.AppendUvarint(to, uint64(len(text)))
	return append(to, text...)
}

// parseRecord reads what appendRecord wrote. The readings share one copy of it.
func parseRecord(record []byte) ([]device.Reading, error) {
	if len(record) == 0 {
		return nil, errBroken
	}
	if record[0] != recordVersion {
		return nil, fmt.Errorf("a record of version %d (hint: was it written by another version of the gateway?)", record[0])
	}
	rest := unread{text: string(record[1:])}
	n := rest.number()
	if n > uint64(len(rest.text)/leastReading) {
		return nil, errBroken
	}
	readings := make([]device.Reading, n)
	for i := range readings {
		readings[i] = device.Reading{Name: rest.next(), Value: rest.next(), Unit: rest.next()}
	}
	if rest.broken || rest.text != "" {
		return nil, errBroken
	}
	return readings, nil
}

// unread is the part of a record not yet read. Once broken it gives nothing.
type unread struct {
	text   string
	broken bool
}

func (u *unread) number() uint64 {
	var n uint64
	for i := range min(len(u.text), binary.MaxVarintLen64) {
		b := u.text[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			u.text = u.text[i+1:]
			return n
		}
	}
	u.text, u.broken = "", true
	return 0
}

func (u *unread) next() string {
	n := u.number()
	if n > uint64(len(u.text)) {
		u.text, u.broken = "", true
		return ""
	}
	text := u.text[:n]
	u.text = u.text[n:]
	return text
}
