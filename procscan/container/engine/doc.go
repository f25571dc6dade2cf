// Package engine asks Docker and podman what their containers are called.
//
// An engine listens at a socket in the file system. [List] asks one of them, once, for all containers that have
// processes: one GET of HTTP/1.0, written by hand, since the library's client is larger than half of this program.
// An [Asker] asks all that there are, again and again, and keeps what they said in a [Known], which never changes.
// [ListStopped] asks once for those that have no processes.
//
// # What may be asked
//
// Only sockets in the file system: no network, whatever $DOCKER_HOST says. A socket that systemd holds for an
// engine that does not run is left alone, because to connect is to start it: this program only looks.
//
// # What an answer is worth
//
// A socket in a system folder has to belong to root, and one in /run/user/UID to that user, and whoever listens
// has to be the same user, or root. A user can run an engine that says what that user likes, so a [Container]
// says whose word it is, and [Known.Find] only believes it for containers of that user.
//
// Everything else in an answer is a stranger's text: names, images and labels are kept as they came but for their
// length, and are cleaned where they are shown. Errors quote what was answered, and are harmless to show.
//
// # What it costs
//
// Asking takes a second at the most, for everything together, and reads 32 MiB at the most, of another user's
// engine 4 MiB; one container at a time is decoded. An engine that hangs or lies costs only its names: it is left alone for 5, then 30, then 60
// seconds. All of this blocks, so it is for goroutines that neither scan nor draw.
package engine
