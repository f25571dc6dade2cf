package cli

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// netnsNames returns the names ip-netns(8) gave network namespaces, as others may have chosen them.
func netnsNames() []string {
	files, err := os.ReadDir(netnsFolder)
	if err != nil {
		return nil // there are none
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Name()
	}
	return names
}

// said says that a word means nothing, by the thing it asks for. What cannot be the name of a unit is not
// called one.
func said(word string) string {
	switch prefix, name := container.Split(word); prefix {
	case container.ContainerPrefix:
		return "there is no container or pod of that name"
	case container.PodPrefix:
		return "there is no pod of that name"
	case container.ComposePrefix:
		return "there is no container of a compose project of that name"
	case container.K8sPrefix:
		return "there is no pod in a namespace of Kubernetes of that name"
	case container.UnitPrefix:
		return "there is no process in a control group of the name " + container.UnitName(name)
	}
	said := "there is no container, pod or process of that name"
	if !strings.ContainsAny(word, ":/ ") {
		said += ", and no unit " + container.UnitName(word)
	}
	return said
}

// shown returns names cut and cleaned, so that they are fit for a terminal.
func shown(names []string) []string {
	for i, name := range names {
		names[i] = text.Line(name, maxCommand, "…")
	}
	return names
}

// absentError is a target that is not there, in words for who typed it.
type absentError struct {
	said string
	err  error // by which that was noticed
}

func (e *absentError) Error() string { return e.said }
func (e *absentError) Unwrap() error { return e.err }

// absent returns the error of taking hold of a target, with more words where nothing has the pid or the name
// that was typed. netns returns the names of ip-netns(8), digits what a pid means as the ID of a container.
func absent(target string, err error, netns func() []string, digits func(string) string) error {
	name, named := strings.CutPrefix(target, container.NetnsPrefix)
	switch {
	case named && errors.Is(err, fs.ErrNotExist):
		said := err.Error()
		if list := sought.Near(name, netns()); len(list) > 0 {
			for i := range list {
				list[i] = text.Clean(container.NetnsPrefix + list[i])
			}
			said += "\n  near names: " + strings.Join(list, ", ")
		}
		return &absentError{said, err}
	case isPID(target) && errors.Is(err, nsenter.ErrGone):
		said := "there is no process " + target
		if means := digits(target); means != "" {
			said += "; " + means
		}
		return &absentError{said, err}
	}
	return err
}

// isPID reports whether the target is a pid and no more than that.
func isPID(target string) bool { return isNumber(target) && !strings.Contains(target, ":") }

// digits says which containers a pid means as a name, or as the start of an ID, fit for a terminal; "" if none. No daemon
// is asked for that.
func (r *resolution) digits(pid string) string {
	if r.names == nil {
		return ""
	}
	at, err := r.look(procscan.Texts)
	if err != nil {
		return "" // what is said is right without
	}
	return text.Line(at.Digits(pid), maxSaid, "…")
}
