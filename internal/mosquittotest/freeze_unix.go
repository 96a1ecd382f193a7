//go:build unix

package mosquittotest

import "syscall"

// Freeze makes it answer nothing, with its connections open, until Thaw.
func (b *Broker) Freeze() { _ = b.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (b *Broker) Thaw() { _ = b.cmd.Process.Signal(syscall.SIGCONT) }
