package ui

import (
	"maps"
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// users are the names of the users seen so far.
type users struct {
	names map[uint32]string
	asked map[uint32]bool
}

// name returns the name of a user, digits where it is not known, or not yet.
func (u *users) name(uid uint32) string {
	if name, ok := u.names[uid]; ok && name != "" {
		return name
	}
	return strconv.FormatUint(uint64(uid), 10)
}

// namedMsg is the names of some users.
type namedMsg struct{ names map[uint32]string }

// nameUsers asks for the names of users not asked for before.
func (m *Model) nameUsers() tea.Cmd {
	if m.config.Users == nil {
		return nil
	}
	var uids []uint32
	want := func(uid uint32) {
		if !m.users.asked[uid] {
			m.users.asked[uid] = true
			uids = append(uids, uid)
		}
	}
	for i := range m.world.procs {
		want(m.world.procs[i].UID)
	}
	for kind := range m.world.spaces {
		for i := range m.world.spaces[kind] {
			if s := &m.world.spaces[kind][i]; s.OwnerKnown {
				want(s.OwnerUID)
			}
		}
	}
	if len(uids) == 0 {
		return nil
	}
	lookup := m.config.Users
	return func() tea.Msg {
		names := make(map[uint32]string, len(uids))
		for _, uid := range uids {
			names[uid] = lookup(uid)
		}
		return namedMsg{names}
	}
}

// handleNamed shows names in place of numbers.
func (m *Model) handleNamed(msg namedMsg) {
	maps.Copy(m.users.names, msg.names)
	m.refill() // the order and the filter may be by name
}
