// Package sought says what is meant by a word that somebody typed for a target, such as "web" or
// "pod/kube-system/coredns". Whoever enters and whoever shows what would be entered ask it, so that a word means the
// same everywhere.
//
// It reads nothing: a [Place] is what was seen of the host, and [Place.Find] thinks. A pid, ns: and netns: are not words of
// it, since nothing has to be guessed there.
//
// # What a word means
//
// With a prefix it means what that says: container:, pod/, unit:, compose: (all containers of a project), k8s: (all
// of a namespace of Kubernetes). A bare word means the first of these that root or the caller calls so:
//
//   - a container or a pod
//   - a unit of systemd: of its processes the one that is called as the unit, if there is one
//   - processes
//
// and if none of these is theirs, the first that anybody calls so. Anybody can give what is theirs any name, so
// what a user calls so never stands in for what root does, nor makes it ambiguous; and a container of a user's is never
// passed over without a word: [Meaning] has it. Twelve digits of an ID and more mean that container before all else; fewer
// mean it beside what else is called so. A word that means nothing of this may be a project of compose, or a
// namespace of Kubernetes.
//
// A container nobody tells the name of may be what is meant: where a daemon could tell, it is to be asked before a process
// is taken, see Open of [Meaning].
//
// More than one [Choice] is for the user to choose from, unless they are the containers of one pod.
//
// # Dangers
//
// Names are hostile text: whoever shows them cleans them.
package sought
