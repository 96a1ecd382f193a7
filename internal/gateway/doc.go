// Package gateway joins the two bridges, one Device for each board.
//
// Up: a whole line comes from the port and is parsed; what its rules let
// through is appended to the device's queue, which numbers it and from which the
// session publishes it until its PUBACK.
// Down: a command comes from the session, is checked, waits in a bounded
// queue, is written to the port, and its result goes back to the session.
//
// The package knows order, backpressure and shutdown, and says what it needs
// of its neighbours in small interfaces of its own. It knows neither MQTT nor
// serial ports, and opens nothing.
package gateway
