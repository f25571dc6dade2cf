package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// The namespaces of two sorts of containers: one as Docker makes it, and a sandbox of a browser.
const (
	container = unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWCGROUP
	sandbox   = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWPID
)

// The containers of the small host, by the IDs their runtimes know them by, and the pod of two of them.
const (
	nginxID    = "9f2c61d0a7b3e5548d1c0b6fa92277e034c5d1888f6e0b4ac1d97e2354fb6a01"
	postgresID = "77b0e1c4d2aa90164b7e2fd85c3391ae60d47713f82b9cc5e01a6d44b8f37e92"
	redisID    = "c05d9e33f18b4ae27d60915cfe88b3021d7a64f9550ecb3817f2d09a6be4c153"
	pauseID    = "5e1bb0c7a3d94f2286ce07d15a9f4483b2d6e81f770c35a94be21fd608c9a7e4"
	corednsID  = "e83a40f6d91c57b02e4d8a63fb157c9d0a62b8f4137e5cd980f46ba2c7d3e519"
	podUID     = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9"

	shim    = "/usr/bin/containerd-shim-runc-v2 -namespace "
	bundles = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/"
	pod     = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b1c2d3e_4f50_4617_8293_a4b5c6d7e8f9.slice/cri-containerd-"
)

// records are what the runtimes keep of their containers, by file.
func records() map[string]string {
	files := make(map[string]string)
	for id, c := range map[string][2]string{
		nginxID: {"nginx", "nginx:1.27-alpine"}, postgresID: {"postgres", "postgres:17"}, redisID: {"redis", "redis:7.4"},
	} {
		files["/var/lib/docker/containers/"+id+"/config.v2.json"] = fmt.Sprintf(`{"Name":"/%s","Config":{"Image":%q},"State":{"Running":true}}`, c[0], c[1])
	}
	const annotations = `{"annotations":{"io.kubernetes.cri.sandbox-name":"coredns-5d78c9869d-x7k2p","io.kubernetes.cri.sandbox-namespace":"kube-system",` +
		`"io.kubernetes.cri.sandbox-uid":"` + podUID + `","io.kubernetes.cri.sandbox-id":"` + pauseID + `",`
	files[bundles+pauseID+"/config.json"] = annotations + `"io.kubernetes.cri.container-type":"sandbox","io.kubernetes.cri.podsandbox.image-name":"registry.k8s.io/pause:3.10"}}`
	files[bundles+corednsID+"/config.json"] = annotations +
		`"io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"coredns","io.kubernetes.cri.image-name":"registry.k8s.io/coredns/coredns:v1.11.3"}}`
	return files
}

// Users of the small host.
const (
	ana      = 1000
	systemd  = 998
	bus      = 102
	postgres = 70
	nginx    = 101
	redis    = 999
)

const passwd = `root:x:0:0:root:/root:/bin/bash
nginx:x:101:101:nginx:/nonexistent:/usr/sbin/nologin
messagebus:x:102:102::/nonexistent:/usr/sbin/nologin
postgres:x:70:70:PostgreSQL:/var/lib/postgresql:/bin/sh
redis:x:999:999:redis:/nonexistent:/usr/sbin/nologin
timesync:x:998:998:systemd Time Synchronization:/:/usr/sbin/nologin
ana:x:1000:1000:Ana:/home/ana:/bin/bash
`

// cast is the processes of the small host besides its first.
var cast = []actor{
	{PID: 312, Comm: "systemd-journal", Command: "/usr/lib/systemd/systemd-journald", Cgroup: "system.slice/systemd-journald.service"},
	{PID: 351, Comm: "systemd-udevd", Command: "/usr/lib/systemd/systemd-udevd", Cgroup: "system.slice/systemd-udevd.service", Flags: unix.CLONE_NEWNS},
	{PID: 590, Comm: "systemd-timesyn", Command: "/usr/lib/systemd/systemd-timesyncd", UID: systemd, Cgroup: "system.slice/systemd-timesyncd.service", Flags: unix.CLONE_NEWNS},
	{PID: 604, Comm: "dbus-daemon", Command: "/usr/bin/dbus-daemon --system --nofork", UID: bus, Cgroup: "system.slice/dbus.service"},
	{PID: 611, Comm: "cron", Command: "/usr/sbin/cron -f", Cgroup: "system.slice/cron.service"},
	{PID: 640, Comm: "systemd-logind", Command: "/usr/lib/systemd/systemd-logind", Cgroup: "system.slice/systemd-logind.service", Flags: unix.CLONE_NEWNS | unix.CLONE_NEWUTS},
	{PID: 702, Comm: "sshd", Command: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", Cgroup: "system.slice/ssh.service"},
	{PID: 755, Comm: "containerd", Command: "/usr/bin/containerd", Cgroup: "system.slice/containerd.service"},
	{PID: 831, Comm: "dockerd", Command: "/usr/bin/dockerd -H fd://", Cgroup: "system.slice/docker.service"},
	{
		PID: 4160, Comm: "containerd-shim", Command: shim + "moby -id " + nginxID, Cgroup: "system.slice/containerd.service",
		Inside: []actor{{
			PID: 4183, Comm: "nginx", Command: "nginx: master process nginx -g daemon off;", Cgroup: "system.slice/docker-" + nginxID + ".scope",
			Flags: container, Hostname: "9f2c61d0a7b3", Address: "172.17.0.3",
			Inside: []actor{
				{PID: 29, Comm: "nginx", Command: "nginx: worker process", UID: nginx},
				{PID: 30, Comm: "nginx", Command: "nginx: worker process", UID: nginx},
				{PID: 31, Comm: "nginx", Command: "nginx: worker process", UID: nginx},
				{PID: 32, Comm: "nginx", Command: "nginx: worker process", UID: nginx},
			},
		}},
	},
	{
		PID: 4410, Comm: "containerd-shim", Command: shim + "moby -id " + postgresID, Cgroup: "system.slice/containerd.service",
		Inside: []actor{{
			PID: 4432, Comm: "postgres", Command: "postgres", UID: postgres, Cgroup: "system.slice/docker-" + postgresID + ".scope",
			Flags: container, Hostname: "77b0e1c4d2aa", Address: "172.17.0.4",
			Inside: []actor{
				{PID: 61, Comm: "postgres", Command: "postgres: checkpointer", UID: postgres},
				{PID: 62, Comm: "postgres", Command: "postgres: background writer", UID: postgres},
				{PID: 64, Comm: "postgres", Command: "postgres: walwriter", UID: postgres},
				{PID: 65, Comm: "postgres", Command: "postgres: autovacuum launcher", UID: postgres},
			},
		}},
	},
	{
		PID: 4700, Comm: "containerd-shim", Command: shim + "moby -id " + redisID, Cgroup: "system.slice/containerd.service",
		Inside: []actor{{
			PID: 4721, Comm: "redis-server", Command: "redis-server *:6379", UID: redis, Cgroup: "system.slice/docker-" + redisID + ".scope",
			Flags: container, Hostname: "c05d9e33f18b", Address: "172.17.0.5",
		}},
	},
	{
		PID: 5010, Comm: "containerd-shim", Command: shim + "k8s.io -id " + pauseID, Cgroup: "system.slice/containerd.service", Dir: bundles + pauseID,
		Inside: []actor{
			{
				PID: 5031, Comm: "pause", Command: "/pause", Cgroup: pod + pauseID + ".scope",
				Flags: container, Hostname: "coredns-5d78c9869d-x7k2p", Address: "172.17.0.6",
			},
			{
				PID: 5052, Comm: "coredns", Command: "/coredns -conf /etc/coredns/Corefile", Cgroup: pod + corednsID + ".scope",
				Flags: container &^ unix.CLONE_NEWNET, Hostname: "coredns-5d78c9869d-x7k2p", Net: "pause",
			},
		},
	},
	{PID: 5301, Comm: "wg-quick", Command: "wg-quick up office", Cgroup: "system.slice/wg-quick@office.service", Flags: unix.CLONE_NEWNET},
	{PID: 6120, Comm: "sshd", Command: "sshd: ana [priv]", Cgroup: "user.slice/user-1000.slice/session-3.scope"},
	{PID: 6133, Comm: "zsh", Command: "-zsh", UID: ana, Cgroup: "user.slice/user-1000.slice/session-3.scope"},
	{
		PID: 7002, Comm: "firefox", Command: "/usr/lib/firefox/firefox", UID: ana, Cgroup: "user.slice/user-1000.slice/app-firefox.scope",
		Inside: []actor{
			{PID: 7044, Comm: "Socket Process", Command: "/usr/lib/firefox/firefox -contentproc -parentBuildID", UID: ana},
			{PID: 7081, Comm: "Isolated Web Co", Command: "/usr/lib/firefox/firefox -contentproc -isForBrowser", Flags: sandbox},
		},
	},
	{PID: 9120, Comm: "tcpdump", Command: "tcpdump -ni eth0", Cgroup: "user.slice/user-1000.slice/session-3.scope", Net: "nginx"},
}
