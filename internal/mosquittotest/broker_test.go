package mosquittotest

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The port stays the same over Stop, Kill and Restart.
func TestBroker_KeepsItsPort(t *testing.T) {
	b := Start(t)
	for _, end := range []func(){b.Stop, b.Kill} {
		port := b.Port
		end()
		if conn, err := net.Dial("tcp4", b.Addr()); err == nil {
			conn.Close()
			t.Fatal("it still accepts")
		}
		b.Restart()
		if b.Port != port {
			t.Fatalf("the port went from %d to %d", port, b.Port)
		}
		conn, err := net.Dial("tcp4", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	b.WaitLog("mosquitto version")
}

// Stop saves what persistence asks for.
func TestBroker_StopSaves(t *testing.T) {
	b := Start(t, "persistence true")
	b.Stop()
	if _, err := os.Stat(filepath.Join(b.Dir, "mosquitto.db")); err != nil {
		t.Fatal(err)
	}
}

// The scheme of the URL follows from the lines.
func TestBroker_URL(t *testing.T) {
	for want, lines := range map[string][]string{
		"mqtt":  nil,
		"ws":    {"protocol websockets"},
		"mqtts": {"certfile c.pem"},
		"wss":   {"certfile c.pem", "protocol websockets"},
	} {
		if got := scheme(lines); got != want {
			t.Errorf("%v: %s, want %s", lines, got, want)
		}
	}
	b := Start(t, "protocol websockets")
	if got := b.URL().String(); got != "ws://"+b.Addr() {
		t.Error(got)
	}
}

// The file holds hashes, and mosquitto reads it.
func TestPasswordFile(t *testing.T) {
	path := PasswordFile(t, map[string]string{"pi": "secret"})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "pi:$") || strings.Contains(string(text), "secret") {
		t.Errorf("%s", text)
	}
	Start(t, "allow_anonymous false", "password_file "+path)
}
