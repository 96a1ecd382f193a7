package control

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestStatus_OfAllDevices asks for the status, also where no gateway runs.
func TestStatus_OfAllDevices(t *testing.T) {
	_, path := serve(t)
	got, err := AskStatus(t.Context(), path)
	want := Status{os.Getpid(), (&devices{known: []string{"greenhouse", "attic"}}).Status(time.Time{})}
	if err != nil || len(got.Devices) != 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := AskStatus(t.Context(), path+"-none"); !errors.Is(err, ErrNotRunning) {
		t.Error(err)
	}
}

// TestWatch_NamesTheKnownDevices asks for unknown devices.
func TestWatch_NamesTheKnownDevices(t *testing.T) {
	_, path := serve(t)
	err := Watch(t.Context(), path, "grenhouse", nil)
	if want := `no device "grenhouse" (hint: did you mean greenhouse?)`; err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	err = Watch(t.Context(), path, "cellar", nil)
	if want := `no device "cellar" (hint: known: greenhouse, attic)`; err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if err := (refusal{Error: "no"}).asError(""); err.Error() != "no" {
		t.Fatalf("without devices: %v", err)
	}
}

// TestClient_GatewayNotRunning dials a stale socket and a missing one.
func TestClient_GatewayNotRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	leaveStale(t, path)
	for _, p := range []string{path, path + "-none"} {
		err := Watch(t.Context(), p, "greenhouse", nil)
		if !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), "hint: start `gateway run`") {
			t.Errorf("%s: %v", p, err)
		}
	}
	for cause, want := range map[error]string{fs.ErrPermission: "sudo -u gateway gateway …", errors.New("odd"): "odd"} {
		if err := dialError(path, cause); !errors.Is(err, cause) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", cause, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Watch(cancelled, path, "greenhouse", nil); err != nil {
		t.Errorf("cancelled before: %v", err)
	}
}

// TestServer_AnswersBadRequests sends requests that are wrong in different ways.
func TestServer_AnswersBadRequests(t *testing.T) {
	hub, path := serve(t)
	for request, want := range map[string]string{
		"hello\n":                                `{"error":"the request is not a JSON object: `,
		`{"do":"resume"}` + "\n":                 `{"error":"the request lacks a device"}`,
		`{"do":"flash","device":"attic"}` + "\n": `{"error":"unknown request \"flash\" (hint: `,
		`{"do":"pause","device":"attic","seconds":-1}` + "\n": `{"error":"a pause of -1 seconds is not between 1s and 24h0m0s"}`,
		`{"do":"pause","device":"attik","seconds":1}` + "\n":  `{"error":"no device \"attik\"","known":["greenhouse","attic"]}`,
		strings.Repeat("x", 10000):                            "", // an overlong line ends it
	} {
		c := dial(t, path)
		_, _ = c.Write([]byte(request))
		got, _ := bufio.NewReader(c).ReadString('\n')
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%.20q: got %q, want %q", request, got, want)
		}
	}
	if hub.Active("") {
		t.Error("a bad request subscribed")
	}
}

// TestClient_RefusesNonsense has a server that sends no JSON, or too much.
func TestClient_RefusesNonsense(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for answer, want := range map[string]string{
		"hello\n":                               "the gateway did not send a JSON object",
		strings.Repeat("x", maxAnswer+1) + "\n": "token too long",
	} {
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(c).ReadString('\n')
			_, _ = c.Write([]byte(answer))
			_ = c.Close()
		}()
		if err := Watch(t.Context(), path, "a", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"do":"pause","device":"greenhouse","seconds":120}`))
	f.Add([]byte(`{"time":"2026-01-02T03:04:05.678Z","device":"greenhouse","kind":"in","text":"t=23.5","readings":[{"Name":"t","Value":"23.5","Unit":""}]}`))
	f.Add([]byte(`{"error":"no device \"x\"","known":["greenhouse"]}`))
	f.Add([]byte(`{"port":"/dev/ttyACM0","until":"2026-01-02T03:06:05Z"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, err := decodeRequest(line); err == nil && (r.Device == "" || r.Do == "") {
			t.Fatalf("accepted %q", line)
		}
		if e, err := decodeEvent(line, "x"); err == nil && e.Kind == "" {
			t.Fatalf("%q is an event without a kind", line)
		}
		var p Paused
		_ = decodeAnswer(line, "x", &p)
	})
}

// TestForget_ReturnsTheGatewaysError forgets a device, one of devices.yaml, and an unknown one.
func TestForget_ReturnsTheGatewaysError(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &devices{known: []string{"uno", "attic"}}
	run(t, &Server{Path: path, Gateway: d})
	if err := Forget(t.Context(), path, "attic"); err != nil {
		t.Error(err)
	}
	if err := Forget(t.Context(), path, "uno"); err == nil || err.Error() != "it is in devices.yaml" {
		t.Errorf("of devices.yaml: %v", err)
	}
	if err := Forget(t.Context(), path, "atic"); err == nil || !strings.Contains(err.Error(), "attic") {
		t.Errorf("misspelt: %v", err)
	}
	if want := []string{"forget attic"}; !slices.Equal(d.asked, want) {
		t.Errorf("asked %q", d.asked)
	}
}

// TestPause_AndResume pauses and resumes, also with errors and a client that hangs up.
func TestPause_AndResume(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &devices{known: []string{"uno"}}
	run(t, &Server{Path: path, Gateway: d})
	p, err := Pause(t.Context(), path, "uno", 2*time.Minute)
	if err != nil || p.Port != "/dev/ttyACM0" || p.Extended || p.Until.Year() != 2026 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, want := range []bool{true, false} {
		if paused, err := Resume(t.Context(), path, "uno"); err != nil || paused != want {
			t.Errorf("%t, %v; want %t", paused, err, want)
		}
	}
	if got := strings.Join(d.asked, ", "); got != "pause uno 2m0s, resume uno, resume uno" {
		t.Error(got)
	}
	if _, err := Resume(t.Context(), path, "umo"); err == nil || err.Error() != `no device "umo" (hint: did you mean uno?)` {
		t.Error(err)
	}
	d.pause = func(context.Context) error { return errors.New("the port is not closed yet") }
	if _, err := Pause(t.Context(), path, "uno", time.Minute); err == nil || err.Error() != "the port is not closed yet" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.pause = func(serving context.Context) error { cancel(); <-serving.Done(); return serving.Err() }
	if _, err := Pause(ctx, path, "uno", time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that hangs up: %v", err)
	}
}
