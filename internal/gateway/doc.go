// Package gateway connects a board's serial port with its MQTT session: one [Device] for
// each board.
//
// Up: a line comes from the port and is parsed. The readings that pass the device's rules
// go into its queue, which numbers them, and from which the session publishes them.
// Down: a command comes from the session and is checked. It waits in a bounded queue, is
// written to the port, and its result goes back to the session.
//
// The package decides about order, backpressure and shutdown. It declares what it needs of
// its neighbours as small interfaces. It knows neither MQTT nor serial ports, and opens
// nothing.
package gateway
