package broker

import (
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// OnConnectAuthenticate lets the gateway's own sessions in, and guests with a password
// for whom there is room, and who do not take what is the gateway's.
func (h *hook) OnConnectAuthenticate(client *mqtt.Client, p packets.Packet) bool {
	c, name := client.Net.Conn.(*conn), string(p.Connect.Username)
	if c.own = h.auth.isOwn(name, p.Connect.Password); c.own {
		return true
	}
	refuse := func(why string) {
		h.log.Warn("built-in broker: login refused", "cause", why, "user", excerpt(name), "client", excerpt(client.ID), "remote", client.Net.Remote)
	}
	switch {
	case !h.auth.admit(name, p.Connect.Password):
		refuse("unknown user or wrong password")
		return false
	case h.protected.id(client.ID):
		refuse("the client ID is the gateway's own")
		return h.turnAway(client, packets.ErrClientIdentifierNotValid)
	case p.Connect.WillFlag && !h.protected.mayPublish(p.Connect.WillTopic):
		refuse("only the gateway publishes on the topic of the will")
		return h.turnAway(client, packets.ErrNotAuthorized)
	case h.guests.Add(1) > maxGuests:
		h.guests.Add(-1)
		refuse("too many clients")
		return h.turnAway(client, packets.ErrServerUnavailable)
	}
	return true
}

// turnAway sends the reason and closes the connection, since the library knows only
// the reason that the password is wrong.
func (h *hook) turnAway(client *mqtt.Client, why packets.Code) bool {
	if why == packets.ErrNotAuthorized && client.Properties.ProtocolVersion < 5 {
		why = packets.Err3NotAuthorized // not in the library's table
	}
	_ = h.server.SendConnack(client, why, false, nil) // a courtesy; the connection closes either way
	client.Net.Conn.(*conn).hangUp(why)
	return false
}

// OnACLCheck lets a client read everything, and publish on what is not the gateway's
// own. The library itself protects $SYS.
func (h *hook) OnACLCheck(client *mqtt.Client, topic string, write bool) bool {
	if !write || client.Net.Conn.(*conn).own || h.protected.mayPublish(topic) {
		return true
	}
	h.log.Warn("built-in broker: message refused: only the gateway publishes on this topic", "topic", excerpt(topic), "client", excerpt(client.ID))
	return false
}
