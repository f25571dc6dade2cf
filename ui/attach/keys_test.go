package attach

import (
	"slices"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	leads := func(key string) bool { return slices.Contains([]string{"f", "d", "?", "tab", "R", "]"}, key) }
	for name, c := range map[string]struct {
		typed   []string
		program string
		key     string
	}{
		"nothing of ours":            {[]string{"ls\r\x1b[A\x1bOA\x1b\x1b[<0;1;1M\x1b[I日\xff\x1bx"}, "ls\r\x1b[A\x1bOA\x1b\x1b[<0;1;1M\x1b[I日\xff\x1bx", ""},
		"prefix and key":             {[]string{"a\x1d", "fdropped"}, "a", "f"},
		"prefix and tab":             {[]string{"\x1d\t"}, "", "tab"},
		"twice":                      {[]string{"\x1d\x1da"}, "\x1da", ""},
		"three times and a key":      {[]string{"\x1d\x1d\x1dd"}, "\x1d", "d"},
		"cancelled":                  {[]string{"\x1d", "\x1b", "f"}, "f", ""},
		"a key that leads nowhere":   {[]string{"\x1dqf"}, "f", ""},
		"alt is another key":         {[]string{"\x1d\x1bff"}, "f", ""},
		"control is another key":     {[]string{"\x1d\x06f"}, "f", ""},
		"the mouse in between":       {[]string{"\x1d\x1b[<35;1;1M\x1b[Of"}, "\x1b[<35;1;1M\x1b[O", "f"},
		"the mouse of X10":           {[]string{"\x1d\x1b[M", "C!", "!f"}, "\x1b[MC!!", "f"},
		"the mouse of X10, no key":   {[]string{"\x1d\x1b[M !uf"}, "\x1b[M !u", "f"},
		"the mouse of X10, pasted":   {[]string{"\x1b[200~\x1b[M\x1b[201~\x1df"}, "\x1b[200~\x1b[M\x1b[201~", "f"},
		"an answer in between":       {[]string{"\x1d\x1b]11;rgb:ff\x1b\\\x1bP1$rd\x1b\\f"}, "\x1b]11;rgb:ff\x1b\\\x1bP1$rd\x1b\\", "f"},
		"kitty":                      {[]string{"\x1b[93;5u", "f"}, "", "f"},
		"kitty, all keys":            {[]string{"\x1b[93;5u\x1b[93;5:3u\x1b[57442;1:3u\x1b[102;1:1u"}, "", "f"},
		"kitty, capitals":            {[]string{"\x1b[93;5u\x1b[114:82;2u"}, "", "R"},
		"kitty, text":                {[]string{"\x1b[93;5u\x1b[47;2;63u"}, "", "?"},
		"kitty, locks":               {[]string{"\x1b[93;197u\x1b[102;129u"}, "", "f"},
		"kitty, twice":               {[]string{"\x1b[93;5ux\x1b[93;5u\x1b[93;5u"}, "\x1b[93;5u", ""},
		"kitty, another key":         {[]string{"\x1b[93;6u\x1b[93u\x1b[57442;5u\x1b[97;5:3u"}, "\x1b[93;6u\x1b[93u\x1b[57442;5u\x1b[97;5:3u", ""},
		"modifyOtherKeys":            {[]string{"\x1b[27;5;93~", "f"}, "", "f"},
		"modifyOtherKeys, no prefix": {[]string{"\x1b[27;6;93~\x1b[3~"}, "\x1b[27;6;93~\x1b[3~", ""},
		"win32":                      {[]string{"\x1b[17;29;0;1;8;1_\x1b[221;27;29;1;8;1_", "\x1b[221;27;29;0;8;1_\x1b[17;29;0;0;0;1_\x1b[70;33;102;1;0;1_"}, "\x1b[17;29;0;1;8;1_", "f"},
		"win32, capitals":            {[]string{"\x1b[221;;29;1;8_\x1b[16;42;;1;16_\x1b[82;19;82;1;16_"}, "", "R"},
		"win32, AltGr":               {[]string{"\x1b[221;;29;1;8_\x1b[17;;0;1;8_\x1b[18;;;1;9_\x1b[57;10;93;1;9_"}, "", "]"},
		"win32, no prefix":           {[]string{"\x1b[221;27;93;1;0;1_\x1b[65;30;1;1;8;1_\x1b[38;72;0;1;256;1_"}, "\x1b[221;27;93;1;0;1_\x1b[65;30;1;1;8;1_\x1b[38;72;0;1;256;1_", ""},
		"win32, twice":               {[]string{"\x1b[221;;29;1;8_\x1b[221;;29;0;8_\x1b[221;;29;1;8_x"}, "\x1b[221;;29;1;8_x", ""},
		"win32, alt":                 {[]string{"\x1b[221;;29;1;8_\x1b[70;33;102;1;2;1_f"}, "f", ""},
		"cut":                        {[]string{"x\x1b[9", "3;", "5u", "f"}, "x", "f"},
		"cut, something else":        {[]string{"\x1b[9", "3;1Hx"}, "\x1b[93;1Hx", ""},
		"pasted":                     {[]string{"\x1b[200~a\x1df\x1b[93;5uf\x1b[20", "1~\x1df"}, "\x1b[200~a\x1df\x1b[93;5uf\x1b[201~", "f"},
		"no end of a sequence":       {[]string{"\x1b[" + strings.Repeat("1", 100), "\x1df"}, "\x1b[" + strings.Repeat("1", 100), "f"},
		"a sequence broken off":      {[]string{"\x1b[1\x1df"}, "\x1b[1", "f"},
	} {
		t.Run(name, func(t *testing.T) {
			k := keys{prefix: ']', leads: leads}
			var program []byte
			key := ""
			for _, typed := range c.typed {
				var b []byte
				b, key = k.feed([]byte(typed))
				program = append(program, b...)
			}
			if string(program) != c.program || key != c.key {
				t.Errorf("the program gets %q, and %q leads back; want %q and %q", program, key, c.program, c.key)
			}
		})
	}
	k := keys{prefix: '^', leads: leads}
	if _, key := k.feed([]byte("\x1b[54:94;6uf")); key != "f" {
		t.Error("ctrl+^ is not the prefix, typed with shift")
	}
	if program, _ := k.feed([]byte("\x1b[")); len(program) != 0 || string(k.release()) != "\x1b[" {
		t.Error("alt+[ is not given to the program in the end")
	}
}

// FuzzKeys keeps that what is no key of ours reaches the program as it was typed, however it is cut.
func FuzzKeys(f *testing.F) {
	f.Add("ls\r\x1b[A\x1b[93;6u\x1b]11;x\x07", 3)
	f.Add("\x1b[200~\x1d\x1b[93;5u", 1)
	f.Fuzz(func(t *testing.T, typed string, step int) {
		step = max(1, step)
		k := keys{prefix: ']', leads: func(string) bool { return true }}
		var program []byte
		for rest := typed; rest != ""; {
			n := min(step, len(rest))
			b, key := k.feed([]byte(rest[:n]))
			program, rest = append(program, b...), rest[n:]
			if k.pending || key != "" {
				return
			}
			if len(k.held) > maxHeld {
				t.Fatalf("%q is held", k.held)
			}
		}
		if got := string(program) + string(k.release()); got != typed {
			t.Fatalf("the program gets %q, want %q", got, typed)
		}
	})
}
