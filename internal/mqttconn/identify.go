package mqttconn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"time"
)

// identifyWithin bounds each question of Identify.
const identifyWithin = 500 * time.Millisecond

// Identify finds out what listens on a broker's port that closed the connection
// without a word, nil if it cannot tell. It connects up to three times, and sends no
// credentials.
func Identify(ctx context.Context, broker *url.URL, o Options) *AnswerError {
	d := dialer{bind: o.BindAddress}
	if answer, silent := d.hear(ctx, broker); !silent {
		return answer
	}
	secure := broker.Scheme == "mqtts" || broker.Scheme == "wss"
	if !secure && d.speaksTLS(ctx, broker) {
		return &AnswerError{"the port speaks TLS", "use mqtts:// or wss://"}
	}
	plain := *broker
	plain.Scheme, plain.Path = "mqtt", ""
	if broker.Scheme != "mqtt" && speaksMQTT(ctx, &plain, o) {
		return &AnswerError{"the port speaks MQTT without TLS and without WebSocket", "use mqtt://"}
	}
	return nil
}

// hear connects and says nothing. silent is true if the server waits as well; else
// answer is what it says, nil for what cannot be told.
func (d dialer) hear(ctx context.Context, broker *url.URL) (answer *AnswerError, silent bool) {
	ctx, cancel := context.WithTimeout(ctx, identifyWithin)
	defer cancel()
	c, err := d.dialTCP(ctx, hostPort(broker))
	if err != nil {
		return nil, false
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(identifyWithin))
	first := make([]byte, longestExcerpt)
	n, err := c.Read(first)
	var network net.Error
	switch {
	case n > 0:
		return foreignAnswer(first[:n]), false
	case errors.As(err, &network) && network.Timeout():
		return nil, true
	case ClosedByPeer(err):
		return &AnswerError{"it closes each connection at once", "its limit of connections is reached, or it does not allow this machine's address: see the broker's log"}, false
	}
	return nil, false
}

// speaksTLS reports whether a TLS server listens. It checks no certificate, since
// nothing is sent.
func (d dialer) speaksTLS(ctx context.Context, broker *url.URL) bool {
	ctx, cancel := context.WithTimeout(ctx, identifyWithin)
	defer cancel()
	c, err := d.dialTCP(ctx, hostPort(broker))
	if err != nil {
		return false
	}
	defer c.Close()
	err = tls.Client(c, &tls.Config{ServerName: broker.Hostname(), InsecureSkipVerify: true}).HandshakeContext(ctx)
	op, failed := errors.AsType[*net.OpError](err)
	return err == nil || failed && op.Op == "remote error"
}

// speaksMQTT reports whether a broker answers CONNECT, if only with a refusal.
func speaksMQTT(ctx context.Context, broker *url.URL, o Options) bool {
	times := o.Times
	times.Connect = identifyWithin
	c, err := Dial(ctx, broker, Options{ClientID: RandomID(), CleanSession: true, Protocol: o.Protocol, BindAddress: o.BindAddress, Times: times})
	if err == nil {
		c.Disconnect()
		c.Close()
		return true
	}
	_, refused := errors.AsType[*RefusedError](err)
	return refused
}
