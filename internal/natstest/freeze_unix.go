//go:build unix

package natstest

import "syscall"

// Freeze stops a node, with its connections open, until Thaw.
func (n *Node) Freeze() { _ = n.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw continues it.
func (n *Node) Thaw() { _ = n.cmd.Process.Signal(syscall.SIGCONT) }
