//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/programtest"
)

// The monitor and the event stream show each message with its QoS and its flags.
func TestMonitor_ShowsHowMessagesCame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.http = "127.0.0.1:" + strconv.Itoa(programtest.FreePort(t))
	board := r.virtual("uno")
	file := r.configure(fmt.Sprintf("  uno: {port: %q, describe: false, commands: {fan: {type: int}}}\n", board.Path()))
	r.run(file)
	r.await("devices/uno/status", ending("online"))

	ctx, cancel := context.WithCancel(testContext(t))
	var shown logtest.Log
	ended := make(chan int, 1)
	go func() { ended <- testShell(&shown, os.Stderr, nil).run(ctx, []string{"monitor", "-c", file, "uno"}) }()
	defer func() { cancel(); <-ended }()
	shown.Await(t, "- watching")

	send := func(arguments ...string) {
		t.Helper()
		arguments = append([]string{"-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-t", "devices/uno/set/fan"}, arguments...)
		if out, err := exec.CommandContext(ctx, "mosquitto_pub", arguments...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	send("-q", "1", "-m", "7")
	send("-q", "0", "-m", "8")
	shown.Await(t, `received fan "7" qos=1 retain=false dup=false`)
	shown.Await(t, `received fan "8" qos=0 retain=false dup=false`)

	// The last lines, which the stream begins with, have them too.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.http+"/api/v1/events?lines=uno", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for want := `"kind":"note","text":"received fan \"7\" qos=1 retain=false dup=false"`; ; {
		if !lines.Scan() {
			t.Fatalf("the stream ended: %v", lines.Err())
		}
		if strings.Contains(lines.Text(), want) {
			break
		}
	}
}
