package container

import "strings"

// What a word for a target begins with that says what kind of thing it means, as [Split] returns it. NetnsPrefix is
// before the names of ip-netns(8), which are words of none of these kinds.
const (
	ContainerPrefix = "container:"
	PodPrefix       = "pod/"
	PodAlias        = "pod:" // the same
	UnitPrefix      = "unit:"
	ComposePrefix   = "compose:"
	K8sPrefix       = "k8s:"
	NetnsPrefix     = "netns:"
)

// Prefixes returns those that a word may begin with.
func Prefixes() []string {
	return []string{ContainerPrefix, PodPrefix, PodAlias, UnitPrefix, ComposePrefix, K8sPrefix}
}

// Split splits a word into its prefix, "" for a bare one, and the name behind that. PodAlias is returned as PodPrefix.
func Split(word string) (prefix, name string) {
	for _, prefix := range Prefixes() {
		if name, ok := strings.CutPrefix(word, prefix); ok && name != "" {
			if prefix == PodAlias {
				prefix = PodPrefix
			}
			return prefix, name
		}
	}
	return "", word
}
