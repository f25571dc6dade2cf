package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"nstui/nsenter"
	"nstui/ui/text"
)

// netnsPrefix is before the names of ip-netns(8).
const netnsPrefix = "netns:"

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

// notCalled says that nothing has a bare name. What cannot be the name of a unit is not called one.
func notCalled(name string) string {
	said := "there is no container, pod or process of that name"
	if !strings.ContainsAny(name, ":/ ") {
		said += ", and no unit " + unitName(name)
	}
	return said
}

// others says what else has a name that is no target in the form it was written in: a network namespace, a
// project of compose, a namespace of Kubernetes. netns are the names ip-netns(8) gave.
func (at *place) others(name string, netns []string) []string {
	var lines, project, pods []string
	if slices.Contains(netns, name) {
		lines = append(lines, "a network namespace is called so: "+netnsPrefix+name)
	}
	for _, row := range at.names.Containers() {
		o := row.Owner
		if o.Project == name && o.Service != "" {
			project = append(project, name+"/"+o.Service)
		}
		if o.Pod != nil && o.Pod.Name != "" && o.Pod.Namespace == name {
			pods = append(pods, "pod/"+o.Pod.String())
		}
	}
	add := func(what string, names []string) {
		if len(names) > 0 {
			lines = append(lines, what+someOf(names))
		}
	}
	add("a project of compose is called so, with ", project)
	add("a namespace of Kubernetes is called so, with ", pods)
	for i := range lines {
		lines[i] = "  " + text.Clean(lines[i])
	}
	return lines
}

// someOf returns the first names, each once, and how many there are more.
func someOf(names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	left := ""
	if more := len(names) - maxNear; more > 0 {
		names, left = names[:maxNear], fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ") + left
}

// absentError is a target that is not there, in words for who typed it.
type absentError struct {
	said string
	err  error // by which that was noticed
}

func (e *absentError) Error() string { return e.said }
func (e *absentError) Unwrap() error { return e.err }

// absent returns the error of taking hold of a target, with more words where nothing has the pid or the name
// that was typed. netns returns the names of ip-netns(8).
func absent(target string, err error, netns func() []string) error {
	name, named := strings.CutPrefix(target, netnsPrefix)
	switch {
	case named && errors.Is(err, fs.ErrNotExist):
		said := err.Error()
		if list := near(name, netns()); len(list) > 0 {
			for i := range list {
				list[i] = text.Clean(netnsPrefix + list[i])
			}
			said += "\n  near names: " + strings.Join(list, ", ")
		}
		return &absentError{said, err}
	case isNumber(target) && !strings.Contains(target, ":") && errors.Is(err, nsenter.ErrGone):
		return &absentError{"there is no process " + target, err}
	}
	return err
}
