package ports

import "syscall"

// giveUpRights makes this thread's file accesses those of nobody, even as root.
func giveUpRights() { syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0) }
