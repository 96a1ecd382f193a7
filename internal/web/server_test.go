package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
)

// rig is a server whose settings change.
type rig struct {
	*Server
	t   *testing.T
	log *logtest.Log
}

func newRig(t *testing.T, f Gateway, settings Settings) *rig {
	t.Helper()
	r := &rig{t: t, log: &logtest.Log{}}
	r.Server = New(Options{Settings: settings, Gateway: f, Log: slog.New(slog.NewTextHandler(r.log, nil))})
	r.retry = 10 * time.Millisecond
	return r
}

func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
	})
}

// free returns an address of this machine on which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// code returns the HTTP status of an answer at an address; 0 without an answer.
func code(at, token string) int {
	request, _ := http.NewRequest("GET", "http://"+at+"/api/v1/gateway", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// until asks again until the answer has the status want.
func (r *rig) until(at, token string, want int) {
	r.t.Helper()
	for begin := time.Now(); code(at, token) != want; time.Sleep(time.Millisecond) {
		if time.Since(begin) > time.Minute {
			r.t.Fatalf("%s answers %d, want %d\n%s", at, code(at, token), want, r.log)
		}
	}
}

// ends waits for the end of a stream.
func (s *stream) ends() {
	s.t.Helper()
	for s.in.Scan() {
	}
}

// TestServer_ChangesTheToken sets a token while clients ask and a stream is open.
func TestServer_ChangesTheToken(t *testing.T) {
	at := free(t)
	r := newRig(t, small(), Settings{Listen: at})
	r.run()
	r.until(at, "", 200)
	s := openStream(t, "http://"+at+"/api/v1/events")
	s.until("state", "")
	stop, asked := make(chan bool), make(chan string, 1)
	go func() { // a client asks all the time
		for n := 0; ; n++ {
			select {
			case <-stop:
				asked <- ""
				return
			default:
			}
			if got := code(at, secret); got != 200 {
				asked <- fmt.Sprintf("request %d was answered by %d", n, got)
				return
			}
		}
	}()
	r.Reconfigure(Settings{Listen: at, Token: secret})
	s.ends()
	r.until(at, "", 401)
	close(stop)
	if wrong := <-asked; wrong != "" {
		t.Error(wrong)
	}
	r.Reconfigure(Settings{Listen: at, Token: secret, Hosts: []string{"pi.example"}})
	r.until(at, secret, 200)
	for {
		if got, _, _ := ask(t, "GET", "http://"+at+"/", "", "Host: pi.example"); got == 200 {
			break
		}
	}
}

// slow is a gateway whose commands last until they are cancelled.
type slow struct {
	*fake
	begun chan bool
}

func (s slow) Send(ctx context.Context, _, _, _ string) (device.Result, error) {
	s.begun <- true
	<-ctx.Done()
	return device.Result{}, ctx.Err()
}

// TestServer_Moves moves to another address while a command is in flight.
func TestServer_Moves(t *testing.T) {
	before, after := free(t), free(t)
	f := slow{small(), make(chan bool)}
	r := newRig(t, f, Settings{Listen: before})
	r.run()
	r.until(before, "", 200)
	s := openStream(t, "http://"+before+"/api/v1/events")
	s.until("state", "")
	answered := make(chan string, 1)
	go func() {
		response, err := http.Post("http://"+before+"/api/v1/devices/uno/commands/led", "application/json", strings.NewReader(on))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answered <- string(body)
	}()
	<-f.begun
	r.Reconfigure(Settings{Listen: after})
	r.until(after, "", 200)
	s.ends()
	if got := <-answered; !strings.Contains(got, "result unknown") {
		t.Errorf("a command in flight: %s", got)
	}
	r.until(before, "", 0)

	r.Reconfigure(Settings{})
	r.until(after, "", 0)
	r.Reconfigure(Settings{Listen: before})
	r.until(before, "", 200)
}

// TestServer_KeepsTheOldAddressWhileTheNewIsInUse moves to an address that another
// program uses for a while.
func TestServer_KeepsTheOldAddressWhileTheNewIsInUse(t *testing.T) {
	at := free(t)
	r := newRig(t, small(), Settings{Listen: at, Token: secret})
	r.run()
	r.until(at, secret, 200)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.Reconfigure(Settings{Listen: other.Addr().String()})
	r.log.Await(t, "level=ERROR", "dashboard cannot move, the old address stays in use", at, "another program uses this port")
	if got := code(at, ""); got != 401 {
		t.Errorf("the old one answers %d without a token", got)
	}
	other.Close()
	r.until(other.Addr().String(), "", 200)
	r.until(at, "", 0)
	if n := r.log.Count("dashboard cannot move"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// TestServer_ReopensALostListener closes the listener behind the server's back.
func TestServer_ReopensALostListener(t *testing.T) {
	at := free(t)
	r := newRig(t, small(), Settings{Listen: at})
	if err := r.Listen(); err != nil {
		t.Fatal(err)
	}
	lost := r.early
	r.run()
	r.until(at, "", 200)
	lost.Close()
	r.log.Await(t, "dashboard cannot listen, retrying", "serve "+at)
	r.until(at, "", 200)
}

// TestServer_MovesWithinAPort moves between 127.0.0.1 and 0.0.0.0 with the same port,
// which exclude each other.
func TestServer_MovesWithinAPort(t *testing.T) {
	narrow := free(t)
	_, port, _ := net.SplitHostPort(narrow)
	wide := "0.0.0.0:" + port
	r := newRig(t, small(), Settings{Listen: narrow})
	r.run()
	r.until(narrow, "", 200)
	r.Reconfigure(Settings{Listen: wide, Token: secret})
	r.until(narrow, secret, 200)
	r.until(narrow, "", 401)
	r.Reconfigure(Settings{Listen: narrow})
	r.until(narrow, "", 200)

	elsewhere, err := net.Listen("tcp", "127.0.0.2:"+port) // another program's, in the way
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	r.Reconfigure(Settings{Listen: wide, Token: secret})
	r.log.Await(t, "dashboard cannot move, the old address stays in use")
	s := openStream(t, "http://"+narrow+"/api/v1/events")
	s.until("state", "")
	s.until("update", "") // the address is not closed again and again
	if n := r.log.Count("dashboard cannot move"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, r.log)
	}
}
