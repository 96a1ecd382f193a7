package mqttconn

import (
	"bufio"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// Each first answer is taken for what it is, whole and byte by byte. The answers were
// captured, except that of MQTT 5 brokers, which is that of the standard.
func TestCheckAnswer(t *testing.T) {
	const port = " (hint: a broker's port is usually 1883"
	for _, c := range []struct{ name, answer, want string }{
		{"accepted", "\x20\x02\x00\x00", ""},
		{"session present, and more", "\x20\x02\x01\x00\x40\x02\x80\x00", ""},
		{"a code that paho reads", "\x20\x02\x00\x05", ""},
		{"mosquitto to protocol level 255", "\x20\x03\x00\x84\x00", "refused with code 132: unsupported protocol version"},
		{"MQTT 5, bad password", "\x20\x03\x00\x86\x00", "refused with code 134: bad user name or password"},
		{"MQTT 5, accepted", "\x20\x06\x00\x00\x03\x22\x00\x0a", "the answer is not a CONNACK of MQTT 3.1.1: 20 06 00 00 (hint: the broker may speak only MQTT 5"},
		{"CONNACK without a body", "\x20\x00", "the answer is not a CONNACK of MQTT 3.1.1: 20 00"},
		{"sshd", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n", "an SSH server answers" + port},
		{"nginx", "HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\n", "a web server answers" + port},
		{"Python's http.server", "<!DOCTYPE HTML>\n<html lang=\"en\">", "a web server answers" + port},
		{"a TLS alert", "\x15\x03\x01\x00\x02\x02\x46", "a TLS server answers (hint: use mqtts:// or wss://)"},
		{"RabbitMQ on 5672", "AMQP\x00\x00\x09\x01", "an AMQP broker answers (hint: use its port for MQTT"},
		{"NATS on 4222", `INFO {"server_id":"NDZ","version":"2.9.10"} ` + "\r\n", "a NATS server answers on its port for NATS clients"},
		{"a mail server", "220 mail ESMTP\r\n", `the answer is not MQTT: "220 mail ESMTP"` + port},
		{"another packet", "\x30\x05\x00\x01abc", "the answer is not MQTT: 30 05 00 01 61 62 63" + port},
		{"line endings", "\r\n\r\n\r\n\r\n", "the answer is not MQTT: 0d 0a 0d 0a"},
		{"a long text", strings.Repeat("x", 100), `"xxxxxxx`},
	} {
		for way, r := range map[string]*bufio.Reader{
			"whole":        bufio.NewReader(strings.NewReader(c.answer)),
			"byte by byte": bufio.NewReader(iotest.OneByteReader(strings.NewReader(c.answer))),
		} {
			err := checkFirst(r)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), begin(c.want, way)) || len(err.Error()) > 250) {
				t.Errorf("%s, %s: %v, want %q", c.name, way, err, c.want)
			}
		}
	}
}

// begin returns what an answer must at least say that comes byte by byte: of an
// unknown one there is only the beginning.
func begin(want, way string) string {
	if before, unknown := strings.CutPrefix(want, "the answer is not MQTT: "); unknown && way == "byte by byte" {
		return "the answer is not MQTT: " + before[:5]
	}
	if strings.HasPrefix(want, `"xxx`) {
		return `"xxxxxx`
	}
	return want
}

func checkFirst(r *bufio.Reader) error {
	i := &incoming{reader: r}
	kind, header, body, err := i.peek()
	if err != nil {
		return err
	}
	return checkAnswer(r, kind, header, body)
}

// What says nothing before it is closed is no answer.
func TestCheckAnswer_Nothing(t *testing.T) {
	if err := checkFirst(bufio.NewReader(strings.NewReader("S"))); !ClosedByPeer(err) {
		t.Error(err)
	}
}

// brief makes a handshake short.
func brief() Options {
	o := testOptions()
	o.Times.Connect = 100 * time.Millisecond
	return o
}

// Go's web server waits for the end of a line before it answers. The gateway sends one
// when it gives up.
func TestDial_SilentWebServer(t *testing.T) {
	for _, start := range []func(http.Handler) *httptest.Server{httptest.NewServer, httptest.NewTLSServer} {
		server := start(http.NotFoundHandler())
		defer server.Close()
		o := brief()
		at := &url.URL{Scheme: "mqtt", Host: server.Listener.Addr().String()}
		if server.TLS != nil {
			at.Scheme = "mqtts"
			o.TLS = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
			o.TLS.NextProtos = nil
			o.Times.Connect = time.Second
		}
		_, err := Dial(t.Context(), at, o)
		if answer, ok := errors.AsType[*AnswerError](err); !ok || answer.What != "a web server answers" {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// A server that never says anything gets the usual words.
func TestDial_SilentForGood(t *testing.T) {
	silent := httptest.NewUnstartedServer(nil) // the kernel accepts connections, and no program reads them
	defer silent.Close()
	o := brief()
	o.Times.Leave = 10 * time.Millisecond
	_, err := Dial(t.Context(), &url.URL{Scheme: "mqtt", Host: silent.Listener.Addr().String()}, o)
	if err == nil || !strings.Contains(err.Error(), "no answer within 100ms") || !strings.Contains(err.Error(), "is this an MQTT broker?") {
		t.Error(err)
	}
}

// Which hint a refusal has depends on what CONNECT had of the user.
func TestRefusedError_Credentials(t *testing.T) {
	for _, c := range []struct {
		username, password, want string
	}{
		{"", "", "check mqtt.username, the password and the broker's access rules: the gateway sent no user name)"},
		{"", "secret", "check mqtt.username, the password and the broker's access rules: the gateway sent no user name)"},
		{"pi", "", "check mqtt.username, the password and the broker's access rules: the gateway sent no password, see mqtt.password_file)"},
		{"pi", "secret", "check mqtt.username, the password and the broker's access rules)"},
	} {
		o := Options{Username: c.username, Password: c.password}
		if err := (&RefusedError{Code: 5, Credentials: o.credentials()}); !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
