package container

import (
	"slices"
	"sync"
)

// shelf is what several inquiries need. It is locked only to look something up and to put something there:
// nothing is read under the lock, because what reads may never end.
type shelf struct {
	mu      sync.Mutex
	docker  []string                    // where dockerd keeps what it has, as it was found
	storage map[stamp]map[string]stored // what podman's storage says
	states  map[stamp][]initProcess     // of runc, by the state of the folder
}

// maxShelf is how many files are kept.
const maxShelf = 16

// dockerRoots returns where dockerd may keep what it has.
func (s *shelf) dockerRoots() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.docker), dockerRoot)
}

// dockerAt notes where it was found.
func (s *shelf) dockerAt(root string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if root != dockerRoot && !slices.Contains(s.docker, root) && len(s.docker) < maxShelf {
		s.docker = append(s.docker, root)
	}
}

// stored returns what a containers.json says.
func (s *shelf) stored(root folder, name string) (map[string]stored, stamp, error) {
	at, err := root.stampOf(name, inside)
	if err != nil {
		return nil, at, err
	}
	s.mu.Lock()
	known, ok := s.storage[at]
	s.mu.Unlock()
	if ok {
		return known, at, nil
	}
	text, st, err := root.read(name, inside)
	if err != nil {
		return nil, at, err
	}
	known, at = parseStorage(text), stampIn(&st)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.storage == nil || len(s.storage) >= maxShelf {
		s.storage = make(map[stamp]map[string]stored)
	}
	s.storage[at] = known
	return known, at, nil
}
