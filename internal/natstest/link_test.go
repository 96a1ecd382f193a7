package natstest

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// A held link passes nothing and makes no connection. Afterwards it passes what waited.
func TestLink_Holds(t *testing.T) {
	far, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	k := newLink(t, far.Addr().String())
	near, err := net.Dial("tcp4", k.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	there, err := far.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	k.setHeld(true)
	if _, err := near.Write([]byte("held\n")); err != nil {
		t.Fatal(err)
	}
	_ = there.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // what passes, passes within microseconds
	lines := bufio.NewReader(there)
	if line, err := lines.ReadString('\n'); err == nil {
		t.Errorf("%q passed", line)
	}
	if late, err := net.Dial("tcp4", k.addr()); err == nil {
		if _, err := late.Read(make([]byte, 1)); err == nil {
			t.Error("a new connection works")
		}
		late.Close()
	}
	k.setHeld(false)
	_ = there.SetReadDeadline(time.Time{})
	if line, err := lines.ReadString('\n'); line != "held\n" {
		t.Errorf("%q arrived: %v", line, err)
	}
}
