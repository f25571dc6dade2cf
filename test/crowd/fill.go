//go:build amd64 || arm64

package crowd

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// The shape of a host.
const (
	service    = 10 // processes of a service of the host
	pod        = 20 // processes of a pod, its first one included
	containers = 3  // of a pod
	firstUID   = 1000
	users      = 50
)

// fill starts n processes less this one.
func (h *host) fill(n int) error {
	left := n - 1
	services := n / 5
	for i := 0; services > 0; i++ {
		g := serviceGroup(i, min(service, services))
		if _, err := h.start(g); err != nil {
			return err
		}
		services -= g.size()
		left -= g.size()
	}
	sizes := make([]int, 0, left/pod+1)
	for ; left > 0; left -= pod {
		sizes = append(sizes, min(pod, left))
	}
	return inParallel(len(sizes), func(i int) error { return h.pod(i, sizes[i]) })
}

// serviceGroup returns a service with so many processes. Every third has a zombie.
func serviceGroup(i, size int) group {
	g := group{
		args: []string{fmt.Sprintf("/usr/sbin/service-%d", i), "--foreground", fmt.Sprintf("--config=/etc/service-%d.conf", i)},
		uid:  firstUID + i%users,
	}
	if i%3 == 0 && size > 1 {
		g.zombies = 1
	}
	for j := range size - 1 - g.zombies {
		g.children = append(g.children, fmt.Sprintf("service-%d: worker process %d", i, j))
	}
	return g
}

// pod starts a pod with so many processes in namespaces this thread makes for them.
func (h *host) pod(i, size int) error {
	const shared = unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
	if err := unix.Unshare(shared); err != nil {
		return fmt.Errorf("make the namespaces of pod %d: %w", i, err)
	}
	if err := unix.Sethostname(fmt.Appendf(nil, "pod-%d", i)); err != nil {
		return fmt.Errorf("name pod %d: %w", i, err)
	}
	if _, err := h.start(group{args: []string{"/pause"}, uid: 65535}); err != nil {
		return err
	}
	made := 3
	left := size - 1
	for c := range min(containers, left) {
		g := containerGroup(i, c, (left+containers-1-c)/containers)
		pid, err := h.start(g)
		if err != nil {
			return err
		}
		made += 3
		h.lock.Lock()
		h.last = pid
		h.lock.Unlock()
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.crowd.Namespaces += made
	return nil
}

// containerGroup returns the processes of a container of a pod.
func containerGroup(pod, i, size int) group {
	g := group{
		args:  []string{fmt.Sprintf("app-%d-%d", pod, i), "--listen", fmt.Sprintf("10.%d.%d.%d:8080", pod>>8, pod&0xff, i)},
		uid:   firstUID + (pod*containers+i)%users,
		flags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWCGROUP,
	}
	for j := range (pod + i) % 11 {
		g.args = append(g.args, fmt.Sprintf("--option-%d=%d", j, pod))
	}
	for j := range size - 1 {
		g.children = append(g.children, fmt.Sprintf("app-%d-%d: worker %d of %d", pod, i, j, size-1))
	}
	return g
}
