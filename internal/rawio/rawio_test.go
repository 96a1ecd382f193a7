package rawio

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair gives the two ends of a TCP connection on loopback.
func pair(t testing.TB) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close(); accepted.Close() })
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn)
}

func wrap(t testing.TB, c *net.TCPConn) *Conn {
	t.Helper()
	conn, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestBytesArriveWhole(t *testing.T) {
	near, far := pair(t)
	// More than the kernel buffers: Write must wait for the reader, and go on.
	want := bytes.Repeat([]byte("temperature=23.50,humidity=40.2\n"), 1<<18)
	written := make(chan error, 1)
	go func() {
		_, err := wrap(t, near).Write(want)
		written <- errors.Join(err, near.Close())
	}()
	got, err := io.ReadAll(wrap(t, far))
	if err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%d bytes arrived of %d, or others", len(got), len(want))
	}
}

func TestADeadlineEndsARead(t *testing.T) {
	near, _ := pair(t)
	if err := near.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := wrap(t, near).Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read gave %v", err)
	}
}

func TestADeadlineEndsAWrite(t *testing.T) {
	near, _ := pair(t)
	if err := near.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := wrap(t, near).Write(make([]byte, 64<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("write gave %v", err)
	}
}

func TestCloseEndsARead(t *testing.T) {
	near, _ := pair(t)
	conn := wrap(t, near)
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		ended <- err
	}()
	if err := near.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("a closed connection gave a byte")
	}
}

func TestErrorsOfTheKernel(t *testing.T) {
	near, far := pair(t)
	if err := far.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := far.Close(); err != nil { // sends RST
		t.Fatal(err)
	}
	conn := wrap(t, near)
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("read gave %v", err)
	}
	if _, err := conn.Write([]byte("x")); err == nil {
		t.Error("a write to a reset connection succeeded")
	}
	if n, err := conn.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty read gave %d, %v", n, err)
	}
}

func TestAClosedConnectionIsRefused(t *testing.T) {
	near, _ := pair(t)
	near.Close()
	conn, err := New(near)
	if err != nil {
		return
	}
	if _, err := conn.Write([]byte("x")); err == nil {
		t.Error("a closed connection takes bytes")
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	near, far := pair(b)
	echo := make(chan struct{})
	go func() {
		defer close(echo)
		_, _ = io.Copy(struct{ io.Writer }{wrap(b, far)}, struct{ io.Reader }{wrap(b, far)})
	}()
	conn, buffer := wrap(b, near), make([]byte, 32)
	for b.Loop() {
		if _, err := conn.Write(buffer); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, buffer); err != nil {
			b.Fatal(err)
		}
	}
	near.Close()
	<-echo
}
