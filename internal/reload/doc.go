// Package reload decides what a changed configuration means for a running gateway:
// which devices stop, start or stay, which sessions reconnect with other options,
// what has to wait for a restart, and what earlier configurations have left to clean
// up.
//
// It is pure: it compares two States and returns a Plan. It reads no file, starts and
// stops nothing, and logs nothing. Every key of a device counts, also one added to
// devices.yaml later than this package was written.
package reload
