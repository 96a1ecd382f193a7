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

// free gives an address of this machine on which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// code is that of an answer at an address; 0 where nobody answers.
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

// until asks until the answer has the code.
func (r *rig) until(at, token string, want int) {
	r.t.Helper()
	for begin := time.Now(); code(at, token) != want; time.Sleep(time.Millisecond) {
		if time.Since(begin) > time.Minute {
			r.t.Fatalf("%s answers %d, want %d\n%s", at, code(at, token), want, r.log)
		}
	}
}

// ends fails the test unless a stream that was open ends.
func (s *stream) ends() {
	s.t.Helper()
	for s.in.Scan() {
	}
}

func TestAnotherTokenAtTheSameAddress(t *testing.T) {
	at := free(t)
	r := newRig(t, small(), Settings{Listen: at})
	r.run()
	r.until(at, "", 200)
	s := openStream(t, "http://"+at+"/api/v1/events")
	s.until("state", "")
	stop, asked := make(chan bool), make(chan string, 1)
	go func() { // somebody asks all the while
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

// slow is a gateway whose commands take until they are given up.
type slow struct {
	*fake
	begun chan bool
}

func (s slow) Send(ctx context.Context, _, _, _ string) (device.Result, error) {
	s.begun <- true
	<-ctx.Done()
	return device.Result{}, ctx.Err()
}

func TestAnotherAddress(t *testing.T) {
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
	if got := <-answered; !strings.Contains(got, "the result is not known") {
		t.Errorf("a command that was under way: %s", got)
	}
	r.until(before, "", 0)

	r.Reconfigure(Settings{})
	r.until(after, "", 0)
	r.Reconfigure(Settings{Listen: before})
	r.until(before, "", 200)
}

func TestAnAddressThatCannotBeHad(t *testing.T) {
	at := free(t)
	r := newRig(t, small(), Settings{Listen: at, Token: secret})
	r.run()
	r.until(at, secret, 200)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.Reconfigure(Settings{Listen: other.Addr().String()})
	r.log.Await(t, "level=ERROR", "the dashboard stays where it is for now", at, "another program has this port")
	if got := code(at, ""); got != 401 {
		t.Errorf("the old one answers %d without a token", got)
	}
	other.Close()
	r.until(other.Addr().String(), "", 200)
	r.until(at, "", 0)
	if n := r.log.Count("the dashboard stays"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// What ends by itself comes back.
func TestAnAddressThatIsLost(t *testing.T) {
	at := free(t)
	r := newRig(t, small(), Settings{Listen: at})
	if err := r.Listen(); err != nil {
		t.Fatal(err)
	}
	lost := r.early
	r.run()
	r.until(at, "", 200)
	lost.Close()
	r.log.Await(t, "no dashboard for now", "serve "+at)
	r.until(at, "", 200)
}

// 127.0.0.1:8080 and 0.0.0.0:8080 exclude each other.
func TestAnotherAddressWithTheSamePort(t *testing.T) {
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

	elsewhere, err := net.Listen("tcp", "127.0.0.2:"+port) // another program's, which is in the way
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	r.Reconfigure(Settings{Listen: wide, Token: secret})
	r.log.Await(t, "the dashboard stays where it is for now")
	s := openStream(t, "http://"+narrow+"/api/v1/events")
	s.until("state", "")
	s.until("update", "") // the address is not given up again and again
	if n := r.log.Count("the dashboard stays"); n != 1 {
		t.Errorf("told %d times:\n%s", n, r.log)
	}
}
