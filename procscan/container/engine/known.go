package engine

// Known is what engines have said. It does not change.
type Known struct {
	byID map[string][]Container
}

// Len returns how many containers there are.
func (k *Known) Len() int { return len(k.byID) }

// Find returns what is known of the container with that id, which a process of the given users belongs to: the
// user it runs as on the host, the owner of its user namespace, or who runs its monitor. Engines of other users
// than these and root are not believed, so that nobody can name what is not theirs.
func (k *Known) Find(id string, users ...uint32) (Container, bool) {
	var found Container
	for _, c := range k.byID[id] {
		if c.UID == 0 {
			return c, true
		}
		for _, uid := range users {
			if c.UID == uid {
				found = c
			}
		}
	}
	return found, found.ID != ""
}
