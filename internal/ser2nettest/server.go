package ser2nettest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/programtest"
)

// patience bounds every wait for ser2net.
const patience = 20 * time.Second

// The ways to serve a port.
const (
	Raw     = "tcp"                 // bytes as they are
	RFC2217 = "telnet(rfc2217),tcp" // telnet with the COM-PORT option
)

// Server is one ser2net, running or killed.
type Server struct {
	port   int
	tb     testing.TB
	config string
	log    bytes.Buffer // of the process; read it when that has ended
	cmd    *exec.Cmd
}

// Start serves device, first at 9600 baud, and returns when ser2net listens.
// ser2net opens the device again for each client. It ends with the test.
func Start(tb testing.TB, accepter, device string) *Server {
	tb.Helper()
	s := &Server{tb: tb, port: programtest.FreePort(tb), config: filepath.Join(tb.TempDir(), "ser2net.yaml")}
	text := fmt.Sprintf("%%YAML 1.1\n---\nconnection: &board\n  accepter: %s,127.0.0.1,%d\n  connector: serialdev,%s,9600n81,local\n",
		accepter, s.port, device)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	s.Restart()
	tb.Cleanup(s.Kill)
	return s
}

// Addr returns the address of ser2net, HOST:PORT.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Kill ends ser2net at once.
func (s *Server) Kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Restart starts ser2net again on the same port, and kills it before if it runs.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Kill()
	cmd := exec.Command(programtest.Find(s.tb, "ser2net"), "-n", "-u", "-c", s.config)
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	if err := cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	s.cmd = cmd
	for deadline := time.Now().Add(patience); !listening(s.port); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Kill()
			s.tb.Fatalf("ser2net does not listen on %s:\n%s", s.Addr(), s.log.String())
		}
	}
}

// listening reports whether ser2net listens. It reads the table of the kernel,
// since a client would open the device:
//
//	0: 0100007F:5BA0 00000000:0000 0A 00000000:00000000 00:00000000 …
func listening(port int) bool {
	table, err := os.ReadFile("/proc/net/tcp")
	return err == nil && strings.Contains(string(table), fmt.Sprintf("0100007F:%04X 00000000:0000 0A", port))
}
