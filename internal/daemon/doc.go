// Package daemon is the running gateway: the devices of a devices.yaml with their
// ports and sessions, the spool, the dashboard, the control socket and the built-in
// broker. [Run] starts them, follows the changes of the configuration, and stops
// them in order.
//
// The package builds every part and connects them. It decides little by itself:
// internal/reload decides what a changed configuration means, internal/gateway what
// happens to a line or a command. It knows no command line; the other functions here
// return what the commands of cmd/gateway share with the daemon.
package daemon
