// Package mqttadmin has what a gateway asks of a broker besides its sessions:
// [Probe] tests access and reads retained messages, [Ask] sends a command and
// waits for its result, and [Cleanup] delivers and clears what a removed device
// has left.
//
// Each function opens connections of its own and closes them. Probe and Ask use
// random client IDs and disturb no session.
//
// It knows brokers and a device's topics. It does not know configurations, ports
// or which devices there are.
package mqttadmin
