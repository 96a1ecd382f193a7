package broker

import (
	"errors"
	"fmt"

	"github.com/mochi-mqtt/server/v2/packets"
)

// maxConnect is the longest CONNECT in bytes, without its header. The library takes
// memory for what the header announces, before it asks for a password.
const maxConnect = 4 << 10

var errNoConnect = errors.New("first packet is not a CONNECT")

// opening is the header of a connection's first packet: a type, and a length of one to
// four bytes.
type opening struct {
	header []byte
	read   bool
}

// take looks at the next bytes, and refuses a packet that is not a CONNECT or too long.
func (o *opening) take(b []byte) error {
	for i := 0; i < len(b) && !o.read; i++ {
		o.header = append(o.header, b[i])
		o.read = len(o.header) > 1 && b[i] < 0x80 || len(o.header) == 5
	}
	if len(o.header) > 0 && o.header[0] != packets.Connect<<4 {
		return errNoConnect
	}
	if length := o.length(); length > maxConnect {
		return fmt.Errorf("CONNECT of %d bytes (at most %d)", length, maxConnect)
	}
	return nil
}

// length is what the header has announced so far.
func (o *opening) length() (n int) {
	for i, b := range o.header[min(1, len(o.header)):] {
		n |= int(b&0x7f) << (7 * i)
	}
	return n
}
