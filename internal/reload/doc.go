// Package reload decides what a changed configuration means for a running
// gateway: which devices stop, start or stay, which sessions take on other
// options, and what has to wait for a restart.
//
// It is pure: it compares two States and gives a Plan. It reads no file, starts
// and stops nothing, and logs nothing. Every key of a device counts, also one
// that it was not told of.
package reload
