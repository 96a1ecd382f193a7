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

// broker checks whether each broker accepts this gateway, with a client ID of the
// doctor's own, and whether the devices are online there.
func (t Target) broker(ctx context.Context, r running) []Finding {
	m := t.Config.MQTT
	if m.Embedded && !r.mayRun() {
		return []Finding{mayListen(m.EmbeddedListen)}
	}
	if t.Unready != nil {
		return []Finding{{"broker", Warn, "not checked: see files", ""}}
	}
	probes := t.probe(ctx, m.Reachable())
	return append(brokerFindings(probes), t.identities(probes, r))
}

// probe is the result of connecting to one broker.
type probe struct {
	broker *url.URL
	status map[string]string // the retained payloads of the status topics
	err    error
}

func (t Target) probe(ctx context.Context, brokers []*url.URL) []probe {
	options := t.Session
	options.ClientID = t.Config.Gateway.ID + "-doctor"
	topics := statusTopics(t.Config)
	probes := make([]probe, len(brokers))
	var all sync.WaitGroup
	for i, b := range brokers {
		all.Go(func() {
			status, err := mqttadmin.Probe(ctx, options, b, topics...)
			probes[i] = probe{b, status, err}
		})
	}
	all.Wait()
	return probes
}

// statusTopics returns the status topics of the gateway and its devices.
func statusTopics(c *config.Config) []string {
	base := c.MQTT.BaseTopic
	all := []string{base + "/gateway/" + c.Gateway.ID + "/status"}
	for _, d := range c.Devices {
		all = append(all, base+"/"+d.ID+"/status")
	}
	return all
}

// brokerFindings reports each broker. One of a list is enough.
func brokerFindings(probes []probe) (findings []Finding) {
	level := Fail
	if anyReached(probes) {
		level = Warn
	}
	for _, v := range probes {
		check := "broker " + v.broker.Redacted()
		if v.err == nil {
			findings = append(findings, Finding{check, OK, "accepts connections from this gateway", ""})
			continue
		}
		f := fault(check, level, v.err)
		f.What = strings.TrimPrefix(f.What, "connect to "+v.broker.Redacted()+": ")
		if netdial.CauseOf(v.err) == netdial.Refused {
			f.What, f.Fix = noListener(v.broker)
		}
		findings = append(findings, f)
	}
	return findings
}

func anyReached(probes []probe) bool {
	return slices.ContainsFunc(probes, func(v probe) bool { return v.err == nil })
}

// noListener returns the finding and the fix for a refused connection. By default
// mosquitto 2 accepts only connections from its own machine.
func noListener(broker *url.URL) (what, fix string) {
	ip := net.ParseIP(broker.Hostname())
	if broker.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return "connection refused: no broker is listening there; start one, or set broker: embedded", "sudo systemctl start mosquitto"
	}
	return "connection refused: no broker is listening there, or it accepts only local connections, as mosquitto 2 does by default",
		"on the broker's machine: sudo systemctl start mosquitto, or add the line `listener " + broker.Port() + "` to its configuration"
}

// identities checks the client IDs. A valid configuration has each of them once. If
// another machine uses them too, its status topics show it. The doctor never connects
// with one of them, because that would disconnect the session that uses it.
func (t Target) identities(probes []probe, r running) Finding {
	const check, once = "client IDs", "unique in the configuration"
	if r.mayRun() {
		return Finding{check, OK, once + "; the running gateway reports it if another client uses one", ""}
	}
	if !anyReached(probes) {
		return Finding{check, OK, once + "; whether another client uses them is unknown", ""}
	}
	for _, topic := range statusTopics(t.Config) {
		for _, v := range probes {
			if v.status[topic] == online {
				return Finding{check, Warn, fmt.Sprintf("%s at %s is online although no gateway runs here: another gateway uses the same IDs, and the two would disconnect each other; or a gateway was killed a moment ago", topic, v.broker.Redacted()),
					"give each gateway its own gateway.id and base_topic; the broker's log shows who is connected"}
			}
		}
	}
	return Finding{check, OK, once + ", and none is online at the broker", ""}
}

// online is the payload of a status topic.
const online = "online"

// mayListen checks whether the built-in broker can listen at its address.
func mayListen(address string) Finding {
	const check = "broker embedded"
	l, err := net.Listen("tcp", address)
	if err == nil {
		_ = l.Close()
		return Finding{check, OK, address + " is free", ""}
	}
	_, port, _ := net.SplitHostPort(address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return Finding{check, Fail, fmt.Sprintf("another program listens on %s; if it is a broker, set broker: mqtt://127.0.0.1:%s, else change mqtt.embedded.listen", address, port),
			fmt.Sprintf("sudo ss -ltnp 'sport = :%s'", port)}
	}
	return Finding{check, Fail, err.Error(), "set mqtt.embedded.listen to an address of this machine"}
}
