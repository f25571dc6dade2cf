package nsenter

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxJobs is how many children of a shell are looked at for one that has its terminal.
const maxJobs = 64

// Foreground returns the name of the program that has the shell's terminal, of the process group that
// TIOCGPGRP of ioctl_tty(2) tells, as proc_pid_stat(5) has it: up to 15 bytes that the program may choose.
// It is "" while the shell has it, and where the name cannot be read. It does not wait for anything.
func (s *Session) Foreground() string {
	group := s.foregroundGroup()
	if group <= 0 || group == s.pid {
		return ""
	}
	if name := nameIn(group, group); name != "" {
		return name
	}
	// The first of a pipeline has ended: another child of the shell has its group. Only kernels with
	// CONFIG_PROC_CHILDREN tell of those.
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.pid, s.pid))
	if err != nil {
		return ""
	}
	pids := strings.Fields(string(children))
	for _, field := range pids[:min(len(pids), maxJobs)] {
		if pid, err := strconv.Atoi(field); err == nil {
			if name := nameIn(group, pid); name != "" {
				return name
			}
		}
	}
	return ""
}

// foregroundGroup returns the process group that has the terminal, by its number in our pid namespace; 0
// for none. The master of a pty tells it of the slave, whose terminal is not ours.
func (s *Session) foregroundGroup() int {
	conn, err := s.pty.SyscallConn()
	if err != nil {
		return 0
	}
	var group uint32
	ctlErr := conn.Control(func(fd uintptr) {
		group, err = unix.IoctlGetUint32(int(fd), unix.TIOCGPGRP)
	})
	if ctlErr != nil || err != nil {
		return 0 // the pty is closed
	}
	return int(group)
}

// nameIn returns the name of a process, "" if it does not run in the group.
func nameIn(group, pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	stat, err := parseStat(string(text))
	if err != nil || stat.zombie || stat.exiting || stat.group != group {
		return ""
	}
	return stat.comm
}
