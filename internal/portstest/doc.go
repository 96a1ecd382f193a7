// Package portstest plugs boards into a folder that stands for a machine: with
// their folders in sys, their nodes in dev, and the links between them, as Linux
// lays them out. It is for tests, since there is no USB in them.
//
// It knows what a board looks like in /sys, and nothing of who reads that.
package portstest
