package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Folders of the small host.
const (
	cgroupRoot = "/sys/fs/cgroup"
	programs   = "/usr/local/bin"
)

// runInit is the first process of the small host: it makes the host, takes the pictures, and ends the
// host by ending.
func runInit() error {
	o, err := given[order]()
	if err != nil {
		return err
	}
	// Before the mounts cover it.
	folder, err := os.OpenRoot(o.Folder)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	if err := furnish(&o); err != nil {
		return fmt.Errorf("make a host: %w", err)
	}
	if err := populate(o.Cgroup); err != nil {
		return fmt.Errorf("make a host: %w", err)
	}
	return takeAll(context.Background(), folder, o.Names)
}

// furnish gives the small host mounts, a name and a network of its own.
func furnish(o *order) error {
	program, err := os.ReadFile(o.Binary)
	if err != nil {
		return err
	}
	if err := mountProc(); err != nil {
		return err
	}
	if err := dropNamespaces(); err != nil {
		return err
	}
	// What a shell shows of these in a picture is not that of the real host.
	for _, dir := range []string{"/root", "/home", "/run", "/var/lib", programs} {
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	if o.Cgroup != "" {
		if err := unix.Mount("cgroup2", cgroupRoot, "cgroup2", 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", cgroupRoot, err)
		}
		o.Cgroup = cgroupRoot
	}
	if err := unix.Sethostname([]byte("build-07")); err != nil {
		return err
	}
	if err := rename("systemd"); err != nil {
		return err
	}
	if err := writeFiles(program); err != nil {
		return err
	}
	if err := link(cast); err != nil {
		return err
	}
	return shell(
		"ip link set lo up",
		"ip link add docker0 address 02:42:5c:1e:70:01 type bridge",
		"ip addr add 172.17.0.1/16 dev docker0",
		"ip link set docker0 up",
		"ip netns add blue",
	)
}

// dropNamespaces unmounts the namespaces the real host has mounted: this one has copies of the mounts.
func dropNamespaces() error {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		if words := strings.Fields(line); len(words) > 2 && words[2] == "nsfs" {
			if err := unix.Unmount(words[1], unix.MNT_DETACH); err != nil {
				return fmt.Errorf("unmount %s: %w", words[1], err)
			}
		}
	}
	return nil
}

// writeFiles writes what the shells and nstui of the small host read.
func writeFiles(program []byte) error {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	const prompt = "PS1='\\u@\\h:\\w\\$ '\n"
	files := map[string]string{
		programs + "/nstui": string(program),
		programs + "/actor": string(self),
		"/root/osrelease":   "6.12.8\n",
		"/root/passwd":      passwd,
		"/root/.bashrc":     prompt,
		"/home/ana/.bashrc": prompt,
	}
	maps.Copy(files, records())
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			return err
		}
	}
	for from, to := range map[string]string{"/root/passwd": "/etc/passwd", "/root/osrelease": "/proc/sys/kernel/osrelease"} {
		if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s: %w", to, err)
		}
	}
	return nil
}

// link gives the program of this process the names of the actors.
func link(actors []actor) error {
	for _, a := range actors {
		if err := os.Link(programs+"/actor", a.file()); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := link(a.Inside); err != nil {
			return err
		}
	}
	return nil
}

// populate starts the cast.
func populate(root string) error {
	for _, a := range cast {
		a.Root = root
		if a.Net == "" {
			if _, err := a.start(); err != nil {
				return err
			}
			continue
		}
		pid, err := pidOf(a.Net)
		if err != nil {
			return err
		}
		if err := a.startIn(pid); err != nil {
			return err
		}
	}
	return nil
}

// pidOf returns the lowest pid of the processes with the name.
func pidOf(comm string) (int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	lowest := 0
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
		if err != nil {
			return 0, err
		}
		if strings.TrimSpace(string(name)) == comm && (lowest == 0 || pid < lowest) {
			lowest = pid
		}
	}
	if lowest == 0 {
		return 0, fmt.Errorf("there is no process %s", comm)
	}
	return lowest, nil
}

// connect joins the network namespace of a process to the bridge, as Docker does.
func connect(pid int, address string) error {
	last := address[strings.LastIndexByte(address, '.')+1:]
	link := "veth" + last + "c61d"
	inside := fmt.Sprintf("nsenter -t %d -n ", pid)
	return shell(
		fmt.Sprintf("ip link add %s type veth peer name eth0 address 02:42:ac:11:00:0%s netns %d", link, last, pid),
		"ip link set "+link+" master docker0 up",
		inside+"ip link set lo up",
		inside+"ip addr add "+address+"/16 dev eth0",
		inside+"ip link set eth0 up",
		inside+"ip route add default via 172.17.0.1",
	)
}

// shell runs commands, which hold no quotes.
func shell(commands ...string) error {
	for _, command := range commands {
		words := strings.Fields(command)
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", command, err, out)
		}
	}
	return nil
}
