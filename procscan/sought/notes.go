package sought

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan/container"
)

// maxPassed bounds how many containers of others are told of that have the name, too.
const maxPassed = 3

// Notes say in a line each what whoever typed a word should know where something was found: which containers of others
// are called so as well, each with what means it alone, and which daemons do not tell whether a container is that would be
// meant instead. user returns the name of a uid. The lines are hostile text.
func (at *Place) Notes(m Meaning, user func(uint32) string) []string {
	if len(m.Choices) == 0 {
		return nil
	}
	var lines []string
	for _, c := range m.Passed[:min(len(m.Passed), maxPassed)] {
		lines = append(lines, Name(c.Owner)+of(c.Owner, user)+" is called so, too, and not meant: that is "+exactly(c))
	}
	switch more := len(m.Passed) - maxPassed; {
	case more == 1:
		lines = append(lines, "1 more container is called so, too")
	case more > 1:
		lines = append(lines, fmt.Sprintf("%d more containers are called so, too", more))
	}
	if !m.Open || len(m.Choices) > 1 && !OnePod(m.Choices) {
		return lines
	}
	for _, s := range slices.Concat(at.Names.Silent(), at.Names.Denied()) {
		lines = append(lines, fmt.Sprintf("%s is taken, but a container may be called so: %s does not tell: %v", choiceName(m.Choices[0]), s.Source, s.Err))
	}
	return lines
}

// Digits says which containers a number means that is taken for a pid, by its digits; "" if none. The line is hostile text.
func (at *Place) Digits(pid string) string {
	found := at.Find(container.ContainerPrefix + pid)
	if len(found) == 0 {
		return ""
	}
	means := Name(found[0].Owner)
	if len(found) > 1 {
		means = fmt.Sprintf("%d containers", len(found))
	}
	return container.ContainerPrefix + pid + " means " + means
}

// Name returns the name of a container with all that tells it from others, behind what it is in: what can be typed for
// it. It is empty for nil.
func Name(o *container.Owner) string {
	switch {
	case o == nil:
		return ""
	case o.In != nil:
		return o.In.String() + " > " + o.Full()
	}
	return o.Full()
}

// choiceName returns what a choice is called in a sentence.
func choiceName(c Choice) string {
	switch {
	case c.Owner.Container():
		return Name(c.Owner)
	case c.Process != nil:
		return "process " + strconv.Itoa(c.Process.PID)
	}
	return "it"
}

// of says whose a container is, if that is not root's. Of one within another the name says enough.
func of(o *container.Owner, user func(uint32) string) string {
	switch {
	case o.In != nil, o.User == 0:
		return ""
	case o.User == container.NoUser:
		return " of nobody knows whom"
	}
	return " of " + user(o.User)
}

// exactly returns what can be typed for a container and means nothing else: its pid, the start of its ID, or the
// namespace that is left.
func exactly(c Choice) string {
	if c.Process == nil {
		return fmt.Sprintf("ns:%d", c.Space.Ino)
	}
	said := strconv.Itoa(c.Process.PID)
	if id := c.Owner.ID; len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" {
		said += " or " + id[:12]
	}
	return said
}
