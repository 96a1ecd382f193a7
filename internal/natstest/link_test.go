package natstest

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// A held link passes nothing, also on a new connection, and afterwards everything.
func TestLink_Holds(t *testing.T) {
	far, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	lines := make(chan string)
	go func() {
		for {
			conn, err := far.Accept()
			if err != nil {
				close(lines)
				return
			}
			defer conn.Close()
			line, _ := bufio.NewReader(conn).ReadString('\n')
			lines <- line
		}
	}()
	k := newLink(t, far.Addr().String())
	send := func(text string) net.Conn {
		conn, err := net.Dial("tcp4", k.addr())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	old := send("begun ")
	defer old.Close()
	k.setHeld(true)
	_, _ = old.Write([]byte("and held\n"))
	defer send("new\n").Close()
	select {
	case line := <-lines:
		t.Errorf("%q passed", line)
	case <-time.After(100 * time.Millisecond): // what passes, passes within microseconds
	}
	k.setHeld(false)
	got := map[string]bool{<-lines: true}
	got[<-lines] = true
	if !got["begun and held\n"] || !got["new\n"] {
		t.Errorf("%v arrived", got)
	}
}
