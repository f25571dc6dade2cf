package engine

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
)

// id returns the id of the nth container.
func id(n int) string { return fmt.Sprintf("%064x", n) }

// ok is an answer with that body, ended by the end of the connection.
func ok(body string) string {
	return "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body
}

// web is an answer of Docker 20.10 for one container, as it came.
const web = `[{"Id":"114d1ed6693393902f2a8dee9611dcb1d2ebc015f70a2ea1fbf1d45c94cc6fdb","Names":["/web"],` +
	`"Image":"lab/tools","ImageID":"sha256:28010db58a02c5ae6c75212b170132145af695039fa9b1b0bff7bd050da81e42",` +
	`"Command":"httpd -f -p 80","Created":1795341330,"Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8081,` +
	`"Type":"tcp"}],"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"},` +
	`"State":"running","Status":"Up 3 seconds","HostConfig":{"NetworkMode":"default"},"NetworkSettings":{"Networks":` +
	`{"bridge":{"IPAMConfig":null,"Links":null,"IPAddress":"172.17.0.2","IPPrefixLen":16,"DriverOpts":null}}},` +
	`"Mounts":[]}]` + "\n"

// inPod is an answer of podman 4.3 for one container of a pod, as it came.
const inPod = `[{"AutoRemove":false,"Command":["/bin/sleep","1000000"],"Created":"2026-11-22T09:55:32.155024921Z",` +
	`"CreatedAt":"","Exited":false,"ExitedAt":-62135596800,"ExitCode":0,` +
	`"Id":"afdec4eaf9e145695d4a6679bb0e2d7d80ce671fcd4ba21536147703f3d3774b","Image":"docker.io/lab/bb:1","ImageID":"",` +
	`"IsInfra":true,"Labels":null,"Mounts":[],"Names":["deadbeef-infra"],"Namespaces":{},"Networks":[],"Pid":616,` +
	`"Pod":"10e3ce2edabae84bec7746d4be499484469667901eed6273d3c5e54f75aeafef","PodName":"mypod","Ports":null,` +
	`"Size":null,"StartedAt":1795341332,"State":"running","Status":""}]`

func TestParse(t *testing.T) {
	docker := Container{
		ID: "114d1ed6693393902f2a8dee9611dcb1d2ebc015f70a2ea1fbf1d45c94cc6fdb", Name: "web", Image: "lab/tools",
		ImageID: "sha256:28010db58a02c5ae6c75212b170132145af695039fa9b1b0bff7bd050da81e42", State: "running",
		Labels: map[string]string{"com.docker.compose.project": "shop", "com.docker.compose.service": "web"},
	}
	podman := Container{
		ID: "afdec4eaf9e145695d4a6679bb0e2d7d80ce671fcd4ba21536147703f3d3774b", Name: "deadbeef-infra", Image: "docker.io/lab/bb:1",
		State: "running", PID: 616, Pod: "10e3ce2edabae84bec7746d4be499484469667901eed6273d3c5e54f75aeafef", PodName: "mypod", Infra: true,
	}
	in := func(headers ...string) string {
		return "HTTP/1.1 200 OK\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
	}
	one := func(fields string) string { return ok(`[{"Id":"` + id(1) + `",` + fields + `}]`) }
	for name, tt := range map[string]struct {
		answer string
		want   []Container
	}{
		"docker":                {ok(web), []Container{docker}},
		"podman":                {ok(inPod), []Container{podman}},
		"none":                  {ok("[]\n"), nil},
		"null":                  {ok("null\n"), nil},
		"bare line feeds":       {"HTTP/1.0 200\n\n" + web, []Container{docker}},
		"with a length":         {in(fmt.Sprintf("content-length: %d", len(web))) + web + "and more", []Container{docker}},
		"in pieces":             {in("Transfer-Encoding: chunked") + pieces(web, 100), []Container{docker}},
		"in small pieces":       {in("TRANSFER-ENCODING:  Chunked") + pieces(web, 1), []Container{docker}},
		"pieces, a length":      {in("Content-Length: 3", "Transfer-Encoding: chunked") + pieces(web, 7), []Container{docker}},
		"pieces, then a length": {in("Transfer-Encoding: chunked", "Content-Length: 3") + pieces(web, 7), []Container{docker}},
		"named by links":        {one(`"Names":["/other/db","/db","/third/db"]`), []Container{{ID: id(1), Name: "db"}}},
		"only links":            {one(`"Names":["/other/db"]`), []Container{{ID: id(1), Name: "other/db"}}},
		"no name":               {one(`"Names":[]`), []Container{{ID: id(1)}}},
		"no names":              {one(`"Names":null`), []Container{{ID: id(1)}}},
		"kept raw": {
			one(`"Names":["/\u001b[2J\nweb"],"Labels":{"a\n":"\u009b1m"}`),
			[]Container{{ID: id(1), Name: "\x1b[2J\nweb", Labels: map[string]string{"a\n": "\u009b1m"}}},
		},
		"cut":         {one(`"Image":"` + strings.Repeat("€", 1000) + `"`), []Container{{ID: id(1), Image: strings.Repeat("€", 85)}}},
		"no such pid": {one(`"Pid":-3`), []Container{{ID: id(1)}}},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once":       strings.NewReader(tt.answer),
				"byte by byte":  iotest.OneByteReader(strings.NewReader(tt.answer)),
				"with its end":  iotest.DataErrReader(strings.NewReader(tt.answer)),
				"half and half": iotest.HalfReader(strings.NewReader(tt.answer)),
			} {
				list, code, err := parse(r, most)
				if err != nil || code != 200 {
					t.Fatalf("%s: status %d, %v", how, code, err)
				}
				if !same(list, tt.want) {
					t.Errorf("%s: got %+v, want %+v", how, list, tt.want)
				}
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, tt := range map[string]struct{ answer, want string }{
		"nothing":            {"", "read the status: it hangs up"},
		"half a line":        {"HTTP/1.0 2", `read the status: it answers "HTTP/1.0 2" and hangs up`},
		"no headers":         {"HTTP/1.0 200 OK\r\n", "read the headers: it hangs up"},
		"a long line":        {strings.Repeat("x", 5000), "read the status: it answers \"" + strings.Repeat("x", 200) + "\"... and no end of the line"},
		"many headers":       {"HTTP/1.0 200 OK\r\n" + strings.Repeat("a: b\r\n", 20000), "it answers more than 64 KiB of headers"},
		"another protocol":   {"SSH-2.0-OpenSSH_9.2\r\n", `it answers "SSH-2.0-OpenSSH_9.2", which is not HTTP`},
		"another version":    {"HTTP/2 200\r\n\r\n", `it answers "HTTP/2 200", which is not HTTP`},
		"no number":          {"HTTP/1.1 OK\r\n\r\n", `it answers "HTTP/1.1 OK", which is not HTTP`},
		"refused":            {"HTTP/1.1 500 Internal Server Error\r\n\r\n{\"message\":\"no\\u001b[2J disk\"}\n", `it answers "500 Internal Server Error": "no\x1b[2J disk"`},
		"refused in HTML":    {"HTTP/1.1 403 Forbidden\r\n\r\n<html>\n", `it answers "403 Forbidden": "<html>"`},
		"refused in silence": {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", `it answers "404 Not Found": ""`},
		"HTML":               {ok("<html>hello"), `it answers "<html>hello": invalid character '<' looking for beginning of value`},
		"an object":          {ok(`{"message":"hello"}`), "that is not a list"},
		"a word":             {ok(`"hello"`), "that is not a list"},
		"cut off":            {ok(web[:60]), `it hangs up in the middle of "[{\"Id\":\"114d1ed6693393902f2a8dee9611dcb1d2ebc015f70a2ea1fbf1": unexpected EOF`},
		"cut off by length":  {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + web, `it hangs up in the middle of "[{\"Id\":\"1": unexpected EOF`},
		"cut off piece":      {chunked + "400\r\n[", `it hangs up in the middle of "[": unexpected EOF`},
		"empty":              {ok(""), `it hangs up in the middle of "": unexpected EOF`},
		"a wrong piece":      {chunked + "xyz\r\n", `it answers a piece of the length "xyz"`},
		"a negative piece":   {chunked + "-1\r\n", `it answers a piece of the length "-1"`},
		"a huge piece":       {chunked + strings.Repeat("f", 20) + "\r\n", `it answers a piece of the length "ffffffffffffffffffff"`},
		"a piece too long":   {chunked + "1\r\n[]\r\n", `it answers a piece that goes on with "]"`},
		"a wrong length":     {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]", `it answers "-5" bytes`},
		"packed":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n[]", `it answers in the unknown encoding "gzip"`},
		"a wrong type":       {ok(`[{"Id":"` + id(1) + `","Names":"web"}]`), "it answers a string for the Names of a container"},
		"a wrong label":      {ok(`[{"Id":"` + id(1) + `","Labels":{"a":1}}]`), "it answers a number for the Labels of a container"},
		"no id":              {ok(`[{"Names":["/web"]}]`), `it names a container by "", which is not an id`},
		"a strange id":       {ok(`[{"Id":"../../etc"}]`), `it names a container by "../../etc", which is not an id`},
		"no containers":      {ok(`[1]`), "it answers a number for a container"},
		"bad in the middle":  {ok(`[{"Id":` + "\x1b"), `it answers "[{\"Id\":\x1b": invalid character '\x1b' looking for beginning of value`},
		"a huge number":      {ok(`[{"Pid":` + strings.Repeat("9", 1000) + `}]`), "it answers a number " + strings.Repeat("9", 33) + " for the Pid of a container"},
		"deep":               {ok(`[{"Id":"` + id(1) + `","Mounts":` + strings.Repeat("[", 20000)), "exceeded max depth"},
		"long":               {ok(`[{"Id":"` + id(1) + `","Image":"` + strings.Repeat("x", 2<<20)), "it describes a container in more than 1024 KiB"},
		"too much":           {ok(`[` + strings.Repeat(" ", 33<<20)), "it describes a container in more than 1024 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			list, _, err := parse(strings.NewReader(tt.answer), most)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %d containers and the error\n%v, want\n%s", len(list), err, tt.want)
			}
			if i := strings.IndexFunc(err.Error(), unicode.IsControl); i >= 0 {
				t.Errorf("the error is not harmless: %q", err)
			}
			if list != nil {
				t.Errorf("there is an error and a list, too: %+v", list)
			}
		})
	}
}

// TestParseLarge lists as much as there may be, and more.
func TestParseLarge(t *testing.T) {
	most := limits{reply: 64 << 10, container: 1 << 10, containers: 100, labels: 20}
	listed := func(count int) string {
		list, err := io.ReadAll(containers(count))
		if err != nil {
			t.Fatal(err)
		}
		return ok("[" + string(list) + "]")
	}
	list, _, err := parse(strings.NewReader(listed(100)), most)
	if err != nil || len(list) != 100 || list[99].Name != "c99" {
		t.Errorf("got %d containers: %v", len(list), err)
	}
	_, _, err = parse(strings.NewReader(listed(101)), most)
	if err == nil || err.Error() != "it lists more than 100 containers" {
		t.Errorf("got %v for too many", err)
	}
	padded := `{"Id":"` + id(1) + `","Command":"` + strings.Repeat("x", 900) + `"},`
	_, _, err = parse(strings.NewReader(ok("["+strings.Repeat(padded, 90))), most)
	if err == nil || err.Error() != "it answers more than 64 KiB" {
		t.Errorf("got %v for too many bytes", err)
	}
	_, _, err = parse(strings.NewReader(ok(`[`+padded[:len(padded)-2]+strings.Repeat(" ", 200))), most)
	if err == nil || err.Error() != "it describes a container in more than 1 KiB" {
		t.Errorf("got %v for too many bytes of one container", err)
	}
	labelled := `{"Id":"` + id(1) + `","Labels":{` + strings.Join(short(8), ",") + `}}`
	list, _, err = parse(strings.NewReader(ok("["+labelled+","+labelled+","+labelled+"]")), most)
	if err != nil || len(list) != 3 || len(list[0].Labels) != 8 || len(list[1].Labels) != 8 || list[2].Labels != nil {
		t.Errorf("got %+v, %v", list, err)
	}
}

// TestParseLabels keeps the first of too many.
func TestParseLabels(t *testing.T) {
	labels := make([]string, 0, 1000)
	for n := range 1000 {
		labels = append(labels, fmt.Sprintf(`"l%03d":"%s"`, n, strings.Repeat("v", n)))
	}
	list, _, err := parse(strings.NewReader(ok(`[{"Id":"`+id(1)+`","Labels":{`+strings.Join(labels, ",")+"}}]")), most)
	if err != nil {
		t.Fatal(err)
	}
	got := list[0].Labels
	if _, last := got["l255"]; len(got) != maxLabels || !last || got["l100"] != strings.Repeat("v", 100) {
		t.Errorf("%d labels were kept: %v", len(got), got)
	}
}

// short returns so many short labels.
func short(count int) []string {
	labels := make([]string, count)
	for n := range labels {
		labels[n] = fmt.Sprintf(`"%d":""`, n)
	}
	return labels
}

// pieces is the text as a chunked body.
func pieces(text string, size int) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(size, len(text))
		fmt.Fprintf(&b, "%X;name=value\r\n%s\r\n", n, text[:n])
		text = text[n:]
	}
	return b.String() + "0\r\nTrailer: x\r\n\r\n"
}

// containers is the inside of a list of so many containers.
func containers(count int) io.Reader {
	n := 0
	var rest []byte
	return readerFunc(func(p []byte) (int, error) {
		for len(rest) == 0 {
			if n == count {
				return 0, io.EOF
			}
			if n > 0 {
				rest = append(rest, ',')
			}
			rest = fmt.Appendf(rest, `{"Id":"%s","Names":["/c%d"],"State":"running"}`, id(n), n)
			n++
		}
		copied := copy(p, rest)
		rest = rest[copied:]
		return copied, nil
	})
}

// readerFunc is a function that is a reader.
type readerFunc func(p []byte) (int, error)

// Read calls it.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// same compares lists of containers.
func same(a, b []Container) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].equal(b[i]) {
			return false
		}
	}
	return true
}
