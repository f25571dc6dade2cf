package cli

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
)

const passwdFile = "/etc/passwd"

// users maps uids to the names passwd(5) gives them.
//
// It reads the file itself: asking the C library may ask a directory server over the network, from
// the goroutine that draws, and needs cgo. Users known to such a server only are shown by number.
type users struct {
	load func() map[uint32]string
}

// newUsers returns the users of the given file, which is read once, when a name is first asked for.
func newUsers(path string) *users {
	return &users{load: sync.OnceValue(func() map[uint32]string {
		file, err := os.Open(path)
		if err != nil {
			return nil // numbers will do
		}
		defer func() { _ = file.Close() }() // nothing was written
		return parsePasswd(file)
	})}
}

// name returns the name of the user, or the uid in digits. Names are as the file has them.
func (u *users) name(uid uint32) string {
	if name, ok := u.load()[uid]; ok {
		return name
	}
	return strconv.FormatUint(uint64(uid), 10)
}

// parsePasswd reads lines of the form name:password:uid:…, see passwd(5). The first name of a uid
// counts, as for getpwuid(3). Lines it cannot read, such as those of NIS, it skips.
func parsePasswd(r io.Reader) map[uint32]string {
	names := make(map[uint32]string)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), ":", 4)
		if len(fields) < 4 || fields[0] == "" {
			continue
		}
		uid, err := strconv.ParseUint(fields[2], 10, 32)
		if err != nil {
			continue
		}
		if _, taken := names[uint32(uid)]; !taken {
			names[uint32(uid)] = fields[0]
		}
	}
	return names
}
