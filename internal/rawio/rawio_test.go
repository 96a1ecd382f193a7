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

// pair returns the two ends of a TCP connection on loopback.
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

// A write longer than all buffers arrives whole.
func TestConn_TransfersAllBytes(t *testing.T) {
	near, far := pair(t)
	// This is more than the kernel buffers: Write must wait for the reader, and
	// go on.
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

// A deadline ends a read that waits.
func TestConn_ReadEndsAtDeadline(t *testing.T) {
	near, _ := pair(t)
	if err := near.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := wrap(t, near).Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read gave %v", err)
	}
}

// A deadline ends a write that waits.
func TestConn_WriteEndsAtDeadline(t *testing.T) {
	near, _ := pair(t)
	if err := near.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := wrap(t, near).Write(make([]byte, 64<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("write gave %v", err)
	}
}

// Close ends a read that waits.
func TestConn_ReadEndsAtClose(t *testing.T) {
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

// A reset connection fails, and not with the end of a stream.
func TestConn_ReturnsErrorsOfTheKernel(t *testing.T) {
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

// A call on a closed connection fails.
func TestConn_FailsOnAClosedConnection(t *testing.T) {
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

// Follow would sleep for ever after a read that it missed: each write but the
// first waits for the one before.
func TestFollow_MissesNothing(t *testing.T) {
	near, far := pair(t)
	const rounds = 20000
	seen, total := make(chan int), make(chan int, 1)
	go func() {
		sum, conn := 0, wrap(t, far)
		err := conn.Follow(make([]byte, 64), func(n int) bool {
			sum += n
			seen <- n
			return true
		})
		if !errors.Is(err, io.EOF) {
			t.Errorf("follow ended with %v", err)
		}
		total <- sum
	}()
	sent, chunk := 0, make([]byte, 200)
	for i := range rounds {
		size := 1 + i*7%len(chunk) // less than, as much as and more than the reader's buffer
		if _, err := near.Write(chunk[:size]); err != nil {
			t.Fatal(err)
		}
		sent += size
		for got := 0; got < size; {
			select {
			case n := <-seen:
				got += n
			case <-time.After(10 * time.Second):
				t.Fatalf("%d bytes of write %d did not arrive", size-got, i)
			}
		}
	}
	near.Close()
	if got := <-total; got != sent {
		t.Errorf("%d bytes of %d", got, sent)
	}
}

// A writer that does not wait makes writes and reads meet in every order,
// including the end with the last of them.
func TestFollow_ReadsAWholeStream(t *testing.T) {
	near, far := pair(t)
	want := bytes.Repeat([]byte("temperature=23.50,humidity=40.2\n"), 1<<15)
	go func() {
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+len(rest)%97)
			if _, err := near.Write(rest[:n]); err != nil {
				t.Error(err)
			}
			rest = rest[n:]
		}
		near.Close()
	}()
	var got []byte
	buffer := make([]byte, 100)
	err := wrap(t, far).Follow(buffer, func(n int) bool {
		got = append(got, buffer[:n]...)
		return true
	})
	if !errors.Is(err, io.EOF) || !bytes.Equal(got, want) {
		t.Errorf("%d bytes arrived of %d, or others: %v", len(got), len(want), err)
	}
}

// An error, a deadline and chunk end it.
func TestFollow_Ends(t *testing.T) {
	near, far := pair(t)
	conn, buffer := wrap(t, far), make([]byte, 8)
	if err := far.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := conn.Follow(buffer, nil); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a deadline gave %v", err)
	}
	if err := far.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := near.Write([]byte("one\ntwo\n")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the rest is there for the next call
		if err := conn.Follow(buffer[:4], func(int) bool { return false }); err != nil {
			t.Errorf("a chunk that wants no more gave %v", err)
		}
	}
	if err := near.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	near.Close() // sends RST
	if err := conn.Follow(buffer, nil); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a reset gave %v", err)
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
