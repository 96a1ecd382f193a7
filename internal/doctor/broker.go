package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/mqttadmin"
	"arduino-gateway/internal/netdial"
)

// broker looks whether each broker takes this gateway, with a client ID of its
// own, and who says there that the devices are online.
func (p Patient) broker(ctx context.Context, r running) []Finding {
	m := p.Config.MQTT
	if m.Embedded && !r.lives() {
		return []Finding{mayListen(m.EmbeddedListen)}
	}
	if p.Unready != nil {
		return []Finding{{"broker", Warn, "not tried: see files", ""}}
	}
	visits := p.visit(ctx, m.Reachable())
	return append(judge(visits), p.identities(visits, r))
}

// visit is what came of one broker.
type visit struct {
	broker *url.URL
	status map[string]string // what is retained on the status topics
	err    error
}

func (p Patient) visit(ctx context.Context, brokers []*url.URL) []visit {
	options := p.Session
	options.ClientID = p.Config.Gateway.ID + "-doctor"
	topics := statusTopics(p.Config)
	visits := make([]visit, len(brokers))
	var all sync.WaitGroup
	for i, b := range brokers {
		all.Go(func() {
			status, err := mqttadmin.Probe(ctx, options, b, topics...)
			visits[i] = visit{b, status, err}
		})
	}
	all.Wait()
	return visits
}

// statusTopics are those of the gateway and of its devices.
func statusTopics(c *config.Config) []string {
	base := c.MQTT.BaseTopic
	all := []string{base + "/gateway/" + c.Gateway.ID + "/status"}
	for _, d := range c.Devices {
		all = append(all, base+"/"+d.ID+"/status")
	}
	return all
}

// judge tells of each broker. Of a list one is enough.
func judge(visits []visit) (found []Finding) {
	level := Fail
	if anyReached(visits) {
		level = Warn
	}
	for _, v := range visits {
		check := "broker " + v.broker.Redacted()
		if v.err == nil {
			found = append(found, Finding{check, OK, "it takes connections of this gateway", ""})
			continue
		}
		f := fault(check, level, v.err)
		f.What = strings.TrimPrefix(f.What, "connect to "+v.broker.Redacted()+": ")
		if netdial.CauseOf(v.err) == netdial.Refused {
			f.What, f.Fix = noListener(v.broker)
		}
		found = append(found, f)
	}
	return found
}

func anyReached(visits []visit) bool {
	return slices.ContainsFunc(visits, func(v visit) bool { return v.err == nil })
}

// noListener says what to do where nobody takes the connection. The trap of
// mosquitto 2 is that, as installed, it serves its own machine alone.
func noListener(broker *url.URL) (what, fix string) {
	ip := net.ParseIP(broker.Hostname())
	if broker.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return "connection refused: no broker listens there; start one, or write broker: embedded", "sudo systemctl start mosquitto"
	}
	return "connection refused: no broker listens there, or only for its own machine, as mosquitto 2 does until its configuration has a listener",
		"on the broker's machine: sudo systemctl start mosquitto, or the line `listener " + broker.Port() + "` in its configuration"
}

// identities tells of client IDs. Each is there once in a valid configuration;
// that another machine has them, too, is seen by what it says meanwhile. To
// connect with one of them would throw out whoever has it.
func (p Patient) identities(visits []visit, r running) Finding {
	const check, once = "client IDs", "each is in the configuration once"
	if r.lives() {
		return Finding{check, OK, once + "; the running gateway tells when another client takes one", ""}
	}
	if !anyReached(visits) {
		return Finding{check, OK, once + "; who has them at the broker cannot be told now", ""}
	}
	for _, topic := range statusTopics(p.Config) {
		for _, v := range visits {
			if v.status[topic] == online {
				return Finding{check, Warn, fmt.Sprintf("%s at %s is online, and no gateway runs here: another one has the same IDs, and each would throw the other out; or one was killed a moment ago", topic, v.broker.Redacted()),
					"give each gateway its own gateway.id and base_topic; the broker's log tells who is connected"}
			}
		}
	}
	return Finding{check, OK, once + ", and nobody is online with them", ""}
}

// online is what a device's or a gateway's status topic says.
const online = "online"

// mayListen tells whether the built-in broker will get its address.
func mayListen(address string) Finding {
	const check = "broker embedded"
	l, err := net.Listen("tcp", address)
	if err == nil {
		_ = l.Close()
		return Finding{check, OK, address + " is free for it", ""}
	}
	_, port, _ := net.SplitHostPort(address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return Finding{check, Fail, fmt.Sprintf("another program listens on %s; if it is a broker, write broker: mqtt://127.0.0.1:%s, else another mqtt.embedded.listen", address, port),
			fmt.Sprintf("sudo ss -ltnp 'sport = :%s'", port)}
	}
	return Finding{check, Fail, err.Error(), "set mqtt.embedded.listen to an address of this machine"}
}
