package nsenter

import "testing"

// The program in the foreground is the one that was started from the shell, until it has ended; of a pipeline
// whose first process has ended another one; and of what chooses its name, that.
func TestForeground(t *testing.T) {
	s := startPlain(t)
	expect := func(want string) {
		t.Helper()
		if got := s.Foreground(); got != want {
			t.Errorf("%q is in the foreground, want %q", got, want)
		}
	}
	typeLine(t, s, "echo a$((1))z")
	waitFor(t, s, "a1z\r\n$ ")
	expect("")
	typeLine(t, s, "cat")
	typeLine(t, s, "there")
	waitFor(t, s, "there\r\nthere\r\n")
	expect("cat")
	typeLine(t, s, "\x04")
	waitFor(t, s, "$ ")
	expect("")
	typeLine(t, s, "true | { read none; printf 'wom bat)' >/proc/self/comm; echo b$((2))z; read line </dev/tty; }")
	waitFor(t, s, "b2z\r\n")
	expect("wom bat)")
	hangUp(t, s)
	expect("")
}
