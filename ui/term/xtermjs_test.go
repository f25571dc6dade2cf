//go:build xtermjs

package term

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// xtermJS is testdata/xtermjs.cjs, which runs xterm.js without a screen. It needs node, and the
// packages @xterm/headless and @xterm/addon-unicode11 where node looks for them (NODE_PATH).
type xtermJS struct {
	in  io.Writer
	out *bufio.Reader
}

func startXtermJS(t *testing.T) *xtermJS {
	t.Helper()
	cmd := exec.Command("node", filepath.Join("testdata", "xtermjs.cjs"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		if err := cmd.Wait(); err != nil {
			t.Errorf("node testdata/xtermjs.cjs: %v", err)
		}
	})
	return &xtermJS{in: in, out: bufio.NewReader(out)}
}

// ask sends a request and reads the answer into v.
func (x *xtermJS) ask(t *testing.T, request, v any) {
	t.Helper()
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if line, err = x.out.ReadBytes('\n'); err != nil {
		t.Fatalf("xterm.js gives no answer: %v", err)
	}
	if err := json.Unmarshal(line, v); err != nil {
		t.Fatal(err)
	}
}

// request is what the script is asked.
type request struct {
	Do   string
	Size Size
	Data []byte
}

func (x *xtermJS) name() string { return "xterm.js" }

func (x *xtermJS) reset(t *testing.T, size Size) {
	t.Helper()
	x.ask(t, request{Do: "new", Size: size}, &struct{}{})
}

func (x *xtermJS) resize(t *testing.T, size Size) {
	t.Helper()
	x.ask(t, request{Do: "resize", Size: size}, &struct{}{})
}

func (x *xtermJS) feed(t *testing.T, data string) {
	t.Helper()
	x.ask(t, request{Do: "feed", Data: []byte(data)}, &struct{}{})
}

func (x *xtermJS) view(t *testing.T) view {
	t.Helper()
	var got struct {
		X, Y      int
		Alternate bool
		Rows      [][]Cell
	}
	x.ask(t, request{Do: "view"}, &got)
	v := view{x: got.X, y: got.Y, alternate: got.Alternate}
	for _, row := range got.Rows {
		v.rows = append(v.rows, formatCells(row))
		v.plain = append(v.plain, formatPlain(row))
	}
	return v
}

// xtermJSOmits are the kinds of tokens about which xterm.js is known to differ from xterm.
var xtermJSOmits = map[string]string{
	"columns":         "xterm.js has no left and right margins",
	"rectangle":       "nor rectangles",
	"link":            "links are underlined",
	"mark":            "a mark at the left edge takes a column",
	"wide":            "a column that is left free before a wide character takes the style",
	"il":              "IL and DL go to the left also outside of the scrolling region",
	"dl":              "as il",
	"save":            "a saved cursor moves with what scrolls; kind excursion has it without",
	"restore":         "as save",
	"underline":       "59 leaves a colour of its own",
	"decbi":           "DECBI and DECFI are not known",
	"decaln":          "margins stay",
	"1048":            "as save",
	"reversewrap":     "CUB does not go to the line before",
	"sd":              "scrolled in lines do not take the background",
	"origin":          "restoring a cursor that was not saved stays in the region",
	"alternate":       "each screen has margins of its own",
	"alternate again": "as alternate",
	"alt47":           "as alternate",
}

// xtermJSWrong are the unit cases in which xterm.js differs from xterm.
var xtermJSWrong = map[string]string{
	"decom_cuu":     "the origin is added twice; a cursor in the region stops at its top margin",
	"osc_8":         "links are underlined",
	"sgr_rgb_colon": "48:2:4:5:6 is colour space 4; xterm reads three values as RGB",
	"sgr_58":        "59 leaves a colour of its own",
	"wide_ich":      "a wide character split by ICH loses its column",
}

func TestXtermJSCorpus(t *testing.T) {
	corpus(t, startXtermJS(t), func(name string) bool { return xtermJSWrong[name] != "" })
}

func TestXtermJSGenerated(t *testing.T) {
	differ(t, startXtermJS(t), xtermJSOmits, true, 300)
}

func TestXtermJSRecordings(t *testing.T) {
	recordings(t, startXtermJS(t))
}
