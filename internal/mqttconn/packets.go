package mqttconn

// The packet types that are read or recognised outside paho, as they stand in a
// packet's first four bits.
const (
	publishType   = 3
	pubackType    = 4
	pubrecType    = 5
	subscribeType = 8
	subackType    = 9
	pingreqType   = 12
)

// FirstID is the lowest packet identifier of PUBLISH packets that Write sends.
// Those below are paho's, which counts up from 1 and needs a handful a
// connection.
const FirstID = 1 << 15
