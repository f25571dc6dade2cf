package engine

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan/container/lookup"
)

// The engines, by the names people know them under.
const (
	Docker = "docker"
	Podman = "podman"
)

// Socket is a place at which an engine may listen.
type Socket struct {
	// Engine is Docker or Podman, as far as the path tells.
	Engine string
	// Root is the folder that Path starts from: "/", or "/proc/1/root" for the host's own files.
	Root string
	// Path is that of the socket, such as "/run/docker.sock".
	Path string
	// UID is the user whom the socket has to belong to.
	UID uint32
	// Given says that the user of this program named the path: it may belong to anyone then.
	Given bool
}

// String names the engine as a status line does: "docker", "podman of uid 1000".
func (s Socket) String() string {
	if s.UID == 0 {
		return s.Engine
	}
	return fmt.Sprintf("%s of uid %d", s.Engine, s.UID)
}

// Sockets returns where engines may listen below the folder root, "/" or "/proc/1/root". host is what
// $DOCKER_HOST says: a path is taken from it, and a host is not, because this program uses no network.
// Nothing is opened and nobody is asked: most of them will not be there.
func Sockets(root, host string) []Socket {
	system := func(engine, name string) Socket { return Socket{Engine: engine, Root: root, Path: name} }
	sockets := []Socket{
		system(Podman, "/run/podman/podman.sock"),
		system(Docker, "/run/docker.sock"), // may be a link to podman's
		system(Docker, "/var/run/docker.sock"),
	}
	entries, _ := os.ReadDir(path.Join(root, "/run/user")) // none where nobody is logged in
	for _, entry := range entries {
		uid, err := strconv.ParseUint(entry.Name(), 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		dir := "/run/user/" + entry.Name()
		sockets = append(sockets,
			Socket{Engine: Docker, Root: root, Path: dir + "/docker.sock", UID: uint32(uid)},
			Socket{Engine: Podman, Root: root, Path: dir + "/podman/podman.sock", UID: uint32(uid)})
	}
	if name, ok := strings.CutPrefix(host, "unix://"); ok && path.IsAbs(name) {
		sockets = withGiven(sockets, path.Clean(name))
	}
	return sockets
}

// withGiven adds the path that the user named, which is one of this program's own root. One that is in the
// list already stays as it is.
func withGiven(sockets []Socket, name string) []Socket {
	for _, s := range sockets {
		if s.Root == "/" && s.Path == name {
			return sockets
		}
	}
	return append(sockets, Socket{Engine: engineOf(name), Root: "/", Path: name, Given: true})
}

// engineOf tells the engine by the path of its socket.
func engineOf(name string) string {
	if strings.Contains(path.Base(name), Podman) {
		return Podman
	}
	return Docker
}

// door is a socket file that was found and looked at. It stays the same file whatever happens to its name.
type door struct {
	fd     int    // an O_PATH descriptor
	engine string // by the path that links led to
	path   string // that path, in the mount namespace of the file
	owner  uint32 // who it belongs to
	dev    uint64
	ino    uint64
}

// close gives the descriptor back.
func (d *door) close() { _ = unix.Close(d.fd) }

// open finds the socket file and sees that it is one, and whose. Links are followed inside of the root for
// sockets that only root could have put there; those in a user's folder could lead to somebody else's engine
// or to a file system that hangs, so they are not followed.
func (s Socket) open() (*door, error) {
	resolve := uint64(lookup.Inside)
	if s.UID != 0 {
		resolve |= lookup.Beside
	}
	fd, err := openIn(s.Root, s.Path, resolve)
	if err != nil {
		return nil, s.fail(statusOf(err), fmt.Errorf("open: %w", err))
	}
	d := &door{fd: fd, engine: s.Engine}
	if err := s.look(d); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// openIn opens a path for nothing but looking at it, seen from the folder root.
func openIn(root, name string, resolve uint64) (int, error) {
	dir, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(dir)
	return lookup.Open(dir, name, resolve, 0)
}

// look fills in what is known of an open file, and sees that it may be trusted.
func (s Socket) look(d *door) error {
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return s.fail(statusOf(err), fmt.Errorf("stat: %w", err))
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return s.fail(Foreign, errors.New("it is not a socket"))
	}
	if st.Uid != s.UID && !s.Given {
		return s.fail(Foreign, fmt.Errorf("it belongs to uid %d, not to uid %d", st.Uid, s.UID))
	}
	name, err := os.Readlink(fdPath(d.fd))
	if err != nil {
		return s.fail(statusOf(err), err)
	}
	if engineOf(name) == Podman {
		d.engine = Podman
	}
	d.path, d.owner, d.dev, d.ino = name, st.Uid, st.Dev, st.Ino
	return nil
}

// fdPath is a path for an open descriptor, however long that of its file is.
func fdPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// connect connects to the socket. It does not wait: to connect to a local socket is done at once or not at
// all. Whoever listens there has to be the owner of the file, or root.
func (s Socket) connect(d *door) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, s.fail(Wrong, fmt.Errorf("make a socket: %w", err))
	}
	f := os.NewFile(uintptr(fd), d.path)
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: fdPath(d.fd)}); err != nil {
		_ = f.Close()
		if errors.Is(err, unix.EAGAIN) {
			err = fmt.Errorf("too many wait for it already: %w", err)
		}
		return nil, s.fail(statusOf(err), fmt.Errorf("connect: %w", err))
	}
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err == nil && peer.Uid != 0 && peer.Uid != d.owner {
		err = fmt.Errorf("uid %d listens at a socket of uid %d", peer.Uid, d.owner)
	}
	if err != nil {
		_ = f.Close()
		return nil, s.fail(Foreign, err)
	}
	return f, nil
}
