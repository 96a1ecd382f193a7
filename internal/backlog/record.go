package backlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/clock"
)

// The first byte of a record is its version. A record of another version is an
// error; its contents are not guessed.
const (
	timedRecord   = 1 // the spool has the time
	stampedRecord = 2 // read before the clock was set
)

// leastReading is the least size of a reading: the lengths of its three texts.
const leastReading = 3

var errBroken = errors.New("malformed record")

// appendTimed begins a record whose time the spool keeps.
func appendTimed(to []byte) []byte { return append(to, timedRecord) }

// appendStamped begins the record of a line that was read before the clock was
// set:
//
//	02 76 4b e8 c9 d2 51 3a 0f  80 94 eb dc 03   version, boot, nanoseconds since
func appendStamped(to []byte, stamp clock.Stamp) []byte {
	to = append(to, stampedRecord)
	to = binary.LittleEndian.AppendUint64(to, stamp.Boot)
	return binary.AppendUvarint(to, uint64(max(stamp.Uptime, 0)))
}

// appendReadings appends the readings of a line as they lie in the spool, each
// text behind its length as a uvarint:
//
//	02                                  number of readings
//	0b temperature  05 23.50  03 °C     name, value, unit
//	03 led          02 on     00
func appendReadings(to []byte, readings []device.Reading) []byte {
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

// content is a decoded record.
type content struct {
	stamp    *clock.Stamp // of a stampedRecord
	readings []device.Reading
}

// parseRecord reads a whole record. The readings share one copy of it.
func parseRecord(record []byte) (content, error) {
	if len(record) == 0 {
		return content{}, errBroken
	}
	var c content
	rest := unread{text: string(record[1:])}
	switch record[0] {
	case timedRecord:
	case stampedRecord:
		c.stamp = &clock.Stamp{Boot: rest.word(), Uptime: time.Duration(rest.number())}
	default:
		return content{}, fmt.Errorf("record of version %d (hint: was it written by another version of the gateway?)", record[0])
	}
	n := rest.number()
	if n > uint64(len(rest.text)/leastReading) {
		return content{}, errBroken
	}
	c.readings = make([]device.Reading, n)
	for i := range c.readings {
		c.readings[i] = device.Reading{Name: rest.next(), Value: rest.next(), Unit: rest.next()}
	}
	if rest.broken || rest.text != "" {
		return content{}, errBroken
	}
	return c, nil
}

// unread is the rest of a record. Once broken it returns nothing.
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

// word reads eight bytes, the least significant first.
func (u *unread) word() (n uint64) {
	if len(u.text) < 8 {
		u.text, u.broken = "", true
		return 0
	}
	for i := range 8 {
		n |= uint64(u.text[i]) << (8 * i)
	}
	u.text = u.text[8:]
	return n
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
