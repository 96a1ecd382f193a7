//go:build unix

package serialbridge

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The kernel keeps HUPCL for the next open, if it is to stay.
func TestSetHangUp_OutlivesTheClose(t *testing.T) {
	link := linkIn(t)
	plug(t, link)
	for _, on := range []bool{false, true, false} {
		port, err := openPort(link, 74880)
		must(t, err)
		must(t, prepare(port, startup{hangUp: &on, dtr: new(true)}))
		port.(hangUpKeeper).KeepHangUp()
		must(t, port.Close())
		lock, err := lockPort(link)
		must(t, err)
		mode, err := unix.IoctlGetTermios(lock.fd, getTermios)
		must(t, err)
		must(t, lock.release())
		if got := mode.Cflag&unix.HUPCL != 0; got != on {
			t.Errorf("HUPCL is %v, want %v", got, on)
		}
	}
}
