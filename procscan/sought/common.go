package sought

import (
	"fmt"

	"nstui/procscan/ns"
)

// NotInCommon says that the containers of a group, which is a "pod" or a "project", are not all in the same namespace of
// some kinds, which something takes: an option, a key. Without kinds it takes something else of a process.
func NotInCommon(group, taker string, kinds ns.Set) string {
	said := fmt.Sprintf("the containers of the %s do not have in common what %s takes", group, taker)
	if kinds != 0 {
		said += " (" + kinds.String() + ")"
	}
	return said
}
