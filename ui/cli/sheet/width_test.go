package sheet

import (
	"testing"

	"nstui/ui/text"
)

// The short way says the same as the long one.
func TestWidths(t *testing.T) {
	for _, s := range []string{
		"", "a b", "├─a", "│ └─/sbin/init", "└─日本", "│\u0301", "─x\u0301y", "é", "├", "\xe2\x94", "├─\xe2",
	} {
		if got, want := widthOf(s), text.Width(s); got != want {
			t.Errorf("%q is %d wide, not %d", s, got, want)
		}
	}
}
