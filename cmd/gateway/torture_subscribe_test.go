//go:build linux

package main

import (
	"bufio"
	varint "encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/programtest"
)

// subacks passes packets between clients and mosquitto, and replaces the SUBACKs:
// mosquitto cannot be made to answer late or never.
type subacks struct {
	listener net.Listener
	broker   string
	answer   func(client string, n int) mqtttest.Suback // to the n-th SUBSCRIBE of a connection
	wg       sync.WaitGroup
	ended    chan struct{}
}

func newSubacks(t *testing.T, broker *url.URL, answer func(client string, n int) mqtttest.Suback) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &subacks{listener: l, broker: broker.Host, answer: answer, ended: make(chan struct{})}
	s.wg.Go(s.accept)
	t.Cleanup(func() { l.Close(); close(s.ended); s.wg.Wait() })
	return &url.URL{Scheme: "mqtt", Host: l.Addr().String()}
}

func (s *subacks) accept() {
	for {
		client, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.wg.Go(func() { s.pass(client) })
	}
}

// pass ends both connections when one of them or the test ends.
func (s *subacks) pass(client net.Conn) {
	defer client.Close()
	broker, err := net.Dial("tcp4", s.broker)
	if err != nil {
		return
	}
	defer broker.Close()
	fromClient := bufio.NewReader(client)
	connect, err := readPacket(fromClient)
	if err != nil {
		return
	}
	if _, err := broker.Write(connect); err != nil {
		return
	}
	done := make(chan struct{}, 2)
	var asked sync.Map // identifiers of SUBSCRIBE packets for commands
	s.wg.Go(func() { up(broker, fromClient, &asked); done <- struct{}{} })
	s.wg.Go(func() { s.down(client, bufio.NewReader(broker), clientID(connect), &asked); done <- struct{}{} })
	select {
	case <-done:
	case <-s.ended:
	}
}

// up passes the client's packets on, and notes which SUBSCRIBE asks for commands.
func up(broker net.Conn, client *bufio.Reader, asked *sync.Map) {
	for {
		packet, err := readPacket(client)
		if err != nil {
			return
		}
		if packet[0]>>4 == 8 && strings.Contains(string(packet), "/set/#") {
			asked.Store([2]byte(packet[2:4]), true)
		}
		if _, err := broker.Write(packet); err != nil {
			return
		}
	}
}

// down passes the broker's packets on, and replaces the SUBACKs for commands.
func (s *subacks) down(client net.Conn, broker *bufio.Reader, id string, asked *sync.Map) {
	var writing sync.Mutex
	for n := 0; ; {
		packet, err := readPacket(broker)
		if err != nil {
			return
		}
		var a mqtttest.Suback
		if packet[0]>>4 == 9 {
			if _, commands := asked.Load([2]byte(packet[2:4])); commands {
				n++
				a = s.answer(id, n)
				packet[len(packet)-1] = a.Code
			}
		}
		write := func() {
			writing.Lock()
			defer writing.Unlock()
			_, _ = client.Write(packet)
		}
		switch {
		case a.After == 0:
			write()
		case a.After > 0:
			s.wg.Go(func() {
				select {
				case <-time.After(a.After):
					write()
				case <-s.ended:
				}
			})
		}
	}
}

// readPacket reads one whole packet of MQTT.
func readPacket(r *bufio.Reader) (packet []byte, err error) {
	kind, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	length, err := varint.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	packet = varint.AppendUvarint([]byte{kind}, length)
	body := make([]byte, length)
	_, err = io.ReadFull(r, body)
	return append(packet, body...), err
}

// clientID returns the client ID in a CONNECT packet of MQTT 3.1.1 of less than 128 bytes.
func clientID(connect []byte) string {
	const at = 2 + 2 + len("MQTT") + 1 + 1 + 2
	return string(connect[at+2 : at+2+int(connect[at+1])])
}

// Suback that the boards get, by their number modulo 4, and whether they accept commands.
const (
	late = iota
	unanswered
	refused
	noCommands // and no answer
	ways
)

// TestTorture_Subscriptions has a broker that answers SUBSCRIBE late, at first never, and
// with 0x80. Readings flow meanwhile. A device with commands is offline, and everything
// says why; it asks again on the same connection, comes online, and answers a command.
func TestTorture_Subscriptions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	boards := streams(t, often(ways, 4*ways), 20*time.Millisecond)
	way := func(client string) int {
		var number int
		_, _ = fmt.Sscanf(client, "rig-board%d", &number)
		return number % ways
	}
	bad := often(2, 4) // answers before the good one: until 15 s or 75 s
	r.via = newSubacks(t, r.broker.URL(), func(client string, n int) mqtttest.Suback {
		switch w := way(client); {
		case w == late && n == 1:
			return mqtttest.Suback{Code: 1, After: time.Duration(often(12, 50)) * time.Second}
		case w == late || w != refused && n <= bad:
			return mqtttest.Suback{After: -1}
		case n <= bad:
			return mqtttest.Suback{Code: 0x80}
		}
		return mqtttest.Suback{Code: 1}
	})
	r.http = fmt.Sprintf("127.0.0.1:%d", programtest.FreePort(t))
	var devices strings.Builder
	for i, b := range boards {
		commands := ", commands: {led: {type: bool}}"
		if i%ways == noCommands {
			commands = ""
		}
		fmt.Fprintf(&devices, "  %s: {port: %q%s}\n", b.Name(), b.Path(), commands)
	}
	file := r.configure(devices.String())
	p := launch(t, file)
	r.awaitEach(boards, 10)
	p.log.Await(t, boards[refused].Name(), "not subscribed")
	r.expect(r.examine(file), "device "+boards[refused].Name(), doctor.Fail, "the broker refuses the subscription")
	for i, b := range boards {
		wanted := ending("offline")
		if i%ways == noCommands {
			wanted = ending("online")
		}
		r.await("devices/"+b.Name()+"/status", wanted)
		r.saysNotSubscribed(b.Name(), i%ways == noCommands)
	}
	for i, b := range boards {
		r.awaitWithin(2*time.Minute, "devices/"+b.Name()+"/status", ending("online"))
		if i%ways != noCommands {
			r.publish("devices/"+b.Name()+"/set/led", "on")
			r.await("devices/"+b.Name()+"/result/led", some(1))
		}
		if got := r.heard.on("devices/" + b.Name() + "/status"); i%ways != noCommands && !slices.Equal(got, []string{"offline", "online"}) {
			t.Errorf("%s: status %q", b.Name(), got)
		}
	}
	p.log.AwaitTimes(t, len(boards), ": subscribed")
	if _, text := get(t, "http://"+r.http+"/readyz", "", ""); !strings.Contains(text, `"status":"ok"`) {
		t.Error(text)
	}
	c := r.finish(boards)
	c.row("SUBSCRIBE answered late, never and with 0x80", "")
	c.sound(t)
	if n := strings.Count(r.broker.Log(), " as rig-board"); n != len(boards) || c.twice > 0 {
		t.Errorf("%d connections of %d boards, %d lines twice", n, len(boards), c.twice)
	}
}

// saysNotSubscribed expects the reason in the API, /readyz and the metrics.
func (r *rig) saysNotSubscribed(id string, online bool) {
	r.t.Helper()
	base := "http://" + r.http + "/"
	device, problem := "api/v1/devices/"+id, `"subscribed":false,"problem":"not subscribed: devices/`+id+"/set/#: the broker "
	for ctx := testContext(r.t); ; { // "offline" may be that of the port, which was not open yet
		if _, text := get(r.t, base+device, "", ""); strings.Contains(text, problem) || ctx.Err() != nil {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	for path, want := range map[string]string{
		device:    problem,
		"readyz":  `"device":"` + id + `","what":"not subscribed: `,
		"metrics": `gateway_mqtt_subscribed{device="` + id + `"} 0`,
	} {
		if code, text := get(r.t, base+path, "", ""); code != http.StatusOK || !strings.Contains(text, want) {
			r.t.Errorf("%s: %d, lacks %s:\n%s", path, code, want, text)
		}
	}
	if _, text := get(r.t, base+"api/v1/devices/"+id, "", ""); !strings.Contains(text, fmt.Sprintf(`"online":%t`, online)) {
		r.t.Errorf("online is not %t: %s", online, text)
	}
}
