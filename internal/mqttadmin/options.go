package mqttadmin

import (
	"cmp"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/publisher"
	"arduino-gateway/mqttbridge"
)

// connection returns the options of a connection without a will whose session
// the broker does not keep.
func connection(o mqttbridge.Options, message func(device.Message)) mqttconn.Options {
	if o.ClientID == "" && o.Protocol == mqttbridge.Protocol31 {
		o.ClientID = mqttconn.RandomID()
	}
	return mqttconn.Options{ClientID: o.ClientID, Username: o.Username, Password: o.Password, TLS: o.TLS,
		Protocol: byte(o.Protocol), KeepAlive: o.KeepAlive, BindAddress: o.BindAddress, CleanSession: true,
		Times: mqttconn.DefaultTimes(), Message: message}
}

// publishing returns the options of a publisher without a status that retains
// nothing.
func publishing(o mqttbridge.Options) publisher.Options {
	return publisher.Options{Topic: o.Topic, QoS: o.QoS,
		Values: o.Payload != mqttbridge.PayloadJSON, Object: o.Payload == mqttbridge.PayloadJSON || o.Payload == mqttbridge.PayloadBoth,
		MaxInflight: cmp.Or(o.MaxInflight, mqttbridge.DefaultMaxInflight), LateAfter: o.LateAfter}
}
