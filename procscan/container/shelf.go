package container

import (
	"slices"
	"sync"
	"time"
)

// shelf is what several inquiries need. It is locked only to look something up and to put something there:
// nothing is read under the lock, because what reads may never end.
type shelf struct {
	now func() time.Time

	mu      sync.Mutex
	docker  []string                          // where dockerd keeps what it has, as it was found
	storage map[fileID]shelved[storedByID]    // what podman's storage says
	states  map[fileID]shelved[[]initProcess] // of runc, by the folder
}

// maxShelf is how many files are kept, each as it was last.
const maxShelf = 16

// shelved is what a file said, and how it was then.
type shelved[T any] struct {
	at    stamp
	said  T
	until time.Time // zero if it is good as long as the file is as it was
}

// take returns what is kept of a file, if that is still as it was.
func take[T any](s *shelf, kept *map[fileID]shelved[T], at stamp) (said T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had, ok := (*kept)[at.fileID]
	if !ok || had.at != at || !had.until.IsZero() && !s.now().Before(had.until) {
		return said, false
	}
	return had.said, true
}

// keep keeps what a file says. If too many are kept another goes, one of the same user before all others.
func keep[T any](s *shelf, kept *map[fileID]shelved[T], at stamp, said T, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *kept == nil {
		*kept = make(map[fileID]shelved[T])
	}
	if _, ok := (*kept)[at.fileID]; !ok && len(*kept) >= maxShelf {
		var goes fileID
		for file, had := range *kept {
			if goes = file; had.at.uid == at.uid {
				break
			}
		}
		delete(*kept, goes)
	}
	(*kept)[at.fileID] = shelved[T]{at, said, until}
}

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

// stored returns what a containers.json says, of whom is believed.
func (s *shelf) stored(root folder, name string, of whose) (storedByID, stamp, error) {
	at, err := root.stampOf(name, inside)
	if err != nil {
		return nil, at, err
	}
	if !of(at.uid) {
		return nil, at, errStranger
	}
	if known, ok := take(s, &s.storage, at); ok {
		return known, at, nil
	}
	text, st, err := root.read(name, inside, of)
	if err != nil {
		return nil, at, err
	}
	at = stampIn(&st)
	known := parseStorage(text)
	keep(s, &s.storage, at, known, time.Time{})
	return known, at, nil
}
