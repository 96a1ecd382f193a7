//go:build unix

package mosquittotest

import "syscall"

// Freeze stops mosquitto, with its connections open, until Thaw.
func (b *Broker) Freeze() { _ = b.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw continues it.
func (b *Broker) Thaw() { _ = b.cmd.Process.Signal(syscall.SIGCONT) }
