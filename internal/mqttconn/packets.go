package mqttconn

// The packet types that are read or recognised outside paho, as they stand in a
// packet's first four bits.
const (
	connackType     = 2
	publishType     = 3
	pubackType      = 4
	pubrecType      = 5
	pubrelType      = 6
	subscribeType   = 8
	subackType      = 9
	unsubscribeType = 10
	unsubackType    = 11
	pingreqType     = 12
	pingrespType    = 13
	disconnectType  = 14
)

// FirstID is the lowest packet identifier of PUBLISH packets that Write sends.
// Those below are paho's, which counts up from 1 and needs a handful a
// connection.
const FirstID = 1 << 15
