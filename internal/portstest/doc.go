// Package portstest plugs boards into a folder that stands for a machine. It makes the
// folders in sys, the nodes in dev and the links between them as Linux does. It is for
// tests, which have no USB.
//
// It knows what a board looks like in /sys, and nothing about the packages that read it.
package portstest
