package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// How much is kept of each container.
const (
	MaxText   = 256 // bytes of a name, an image, a label's key or value
	maxLabels = 256
)

// limits are how much an engine may say. Tests have smaller ones, which are reached sooner.
type limits struct {
	reply      int // bytes of an answer, the head and all else included
	container  int // bytes of JSON that describe one container
	containers int
	labels     int // of all containers; those that come later have none
}

// most is what any engine may say, and mostOfUser what that of another user may, who may have it say as much as we
// listen to, every two seconds.
var (
	most       = limits{reply: 32 << 20, container: 1 << 20, containers: 1 << 17, labels: 1 << 18}
	mostOfUser = limits{reply: 4 << 20, container: 1 << 20, containers: 1 << 12, labels: 1 << 15}
)

// limits are how much the engine behind a door may say.
func (s Socket) limits(d *door) limits {
	if d.owner == 0 || s.Given || d.owner == uint32(os.Geteuid()) {
		return most
	}
	return mostOfUser
}

// Container is what an engine says of a container that has processes. Texts are as they came, but no longer
// than 256 bytes: whoever shows them cleans them.
type Container struct {
	// Engine is Docker or Podman.
	Engine string
	// UID is the owner of the socket. The word of a user's own engine is good for that user's processes
	// only; root's is good for all.
	UID uint32
	// ID is 64 lower case hexadecimal digits.
	ID string
	// Name is without the slash that Docker puts before it.
	Name string
	// Image is the name the container was started with, or an id if that name is another image's by now.
	Image string
	// ImageID is that image's id, which is a digest; empty if that was not told.
	ImageID string
	// State is a word of the engine's: running, paused, restarting, removing.
	State string
	// Labels are at most 256; nil if there are none.
	Labels map[string]string
	// PID is that of the first process in the pid namespace of the engine; 0 if that was not told, which
	// Docker never does.
	PID int
	// Pod and PodName are podman's: the pod's id and name.
	Pod, PodName string
	// Infra says that the container only keeps the namespaces of its pod.
	Infra bool
}

// record is a container as it comes: GET /containers/json of the Docker Engine API, and the same in podman's
// own, which adds what comes after the labels. The rest is skipped.
type record struct {
	ID      string `json:"Id"`
	Names   []string
	Image   string
	ImageID string
	State   string
	Labels  map[string]string
	PID     int `json:"Pid"`
	Pod     string
	PodName string
	IsInfra bool
}

// meter lets so many bytes through, counted from the beginning, and then fails.
type meter struct {
	r     io.Reader
	read  int64
	until int64
	over  error  // what it fails with
	first []byte // what came first, for errors
}

// Read is that of io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.read >= m.until {
		return 0, m.over
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.until-m.read)])
	m.first = append(m.first, p[:min(n, maxShown-len(m.first))]...)
	m.read += int64(n)
	return n, err
}

// decode reads the list of containers that have processes.
func decode(body io.Reader, most limits) ([]Container, error) {
	labels := 0
	return decodeEach(body, most, func(r *record) (Container, error) {
		if !IsID(r.ID) {
			return Container{}, notAnID(r.ID)
		}
		if labels += len(r.Labels); labels > most.labels {
			r.Labels = nil
		}
		return r.container(), nil
	})
}

func notAnID(text string) error {
	return fmt.Errorf("it names a container by %s, which is not an id", shown(text))
}

// decodeEach reads a list, one record after the other, so that one at a time is kept as it came; take makes of it
// what is kept.
func decodeEach[R, T any](body io.Reader, most limits, take func(*R) (T, error)) ([]T, error) {
	m := &meter{
		r: body, until: int64(most.container),
		over: fmt.Errorf("it describes a container in more than %d KiB", most.container>>10),
	}
	dec := json.NewDecoder(m)
	var list []T
	err := elements(dec, func() error {
		m.until = dec.InputOffset() + int64(most.container)
		r := new(R)
		if err := dec.Decode(r); err != nil {
			return err
		}
		kept, err := take(r)
		if err != nil {
			return err
		}
		if len(list) == most.containers {
			return fmt.Errorf("it lists more than %d containers", most.containers)
		}
		list = append(list, kept)
		return nil
	})
	if err != nil {
		return nil, notAList(err, m.first)
	}
	return list, nil
}

// elements calls f before each element of a list, which reads it. Nothing at all is a list, too: null.
func elements(dec *json.Decoder, f func() error) error {
	start, err := dec.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return errors.New("that is not a list")
	}
	for dec.More() {
		if err := f(); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// notAList says what came instead of a list. What the connection has to say is said as it is.
func notAList(err error, first []byte) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it hangs up in the middle of %s: %w", shown(string(first)), io.ErrUnexpectedEOF)
	case errors.As(err, &syntax):
		return fmt.Errorf("it answers %s: %w", shown(string(first)), syntax) // which quotes what it shows
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("it answers a %.40s for a container", kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("it answers a %.40s for the %s of a container", kind.Value, kind.Field)
	}
	return err
}

// messageIn returns the message of an error that came as JSON.
func messageIn(text []byte) (string, bool) {
	var said struct{ Message string }
	if err := json.Unmarshal(text, &said); err != nil || said.Message == "" {
		return "", false
	}
	return said.Message, true
}

// container is the record without what is not needed or too long.
func (r *record) container() Container {
	return Container{
		ID: r.ID, Name: Cut(nameOf(r.Names)), Image: Cut(r.Image), ImageID: Cut(r.ImageID), State: Cut(r.State),
		PID: max(r.PID, 0), Pod: Cut(r.Pod), PodName: Cut(r.PodName), Infra: r.IsInfra, Labels: cutLabels(r.Labels),
	}
}

// cutLabels returns what is kept of labels, those first in order; nil if there are none.
func cutLabels(labels map[string]string) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(labels))
	kept := make(map[string]string, min(len(keys), maxLabels))
	for _, key := range keys[:min(len(keys), maxLabels)] {
		kept[Cut(key)] = Cut(labels[key])
	}
	return kept
}

// nameOf chooses a container's own name: Docker also lists those that links of other containers gave it, as
// "/other/name".
func nameOf(names []string) string {
	for _, name := range names {
		own := strings.TrimPrefix(name, "/")
		if !strings.Contains(own, "/") {
			return own
		}
	}
	if len(names) > 0 {
		return strings.TrimPrefix(names[0], "/")
	}
	return ""
}

// Cut shortens a text to what is kept of it, and does not cut through a character.
func Cut(text string) string {
	if len(text) <= MaxText {
		return text
	}
	end := MaxText
	for end > MaxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end]) // or the rest would be kept, too
}

// IsID reports whether the text is the id of a container.
func IsID(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// equal reports whether an engine says the same of a container.
func (c Container) equal(d Container) bool {
	return maps.Equal(c.Labels, d.Labels) &&
		c.Engine == d.Engine && c.UID == d.UID && c.ID == d.ID && c.Name == d.Name && c.Image == d.Image && c.ImageID == d.ImageID &&
		c.State == d.State && c.PID == d.PID && c.Pod == d.Pod && c.PodName == d.PodName && c.Infra == d.Infra
}
