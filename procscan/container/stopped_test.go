package container

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
)

// stoppedAt is when the tests of stopped containers look.
var stoppedAt = time.Date(2026, 11, 22, 13, 5, 30, 0, time.UTC)

// lookedAt returns a resolver that has looked at a tree.
func lookedAt(t *tree) *Resolver {
	r := t.resolver()
	r.now = func() time.Time { return stoppedAt }
	r.Resolve(t.tb.Context(), t.scan(procscan.Groups))
	return r
}

// says returns what is said of the containers a word means.
func says(t *testing.T, r *Resolver, word string) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	var said []string
	for _, s := range r.Stopped(t.Context(), word) {
		said = append(said, s.String())
	}
	slices.Sort(said)
	return strings.Join(said, "; ")
}

// config is a config.v2.json as dockerd 20.10 writes it, as far as it is read.
func config(name, state, labels string) string {
	return fmt.Sprintf(`{"State":{%s},"ID":"x","Config":{"Image":"tools","Labels":{%s}},"Name":"/%s"}`, state, labels, name)
}

// podmans is a container in a containers.json as podman 4.3 writes it, as far as it is read.
func podmans(id, name string) string {
	return fmt.Sprintf(`{"id":"%s","names":["%s"],"image":"","metadata":"{\"image-name\":\"\",\"image-id\":\"\",\"name\":\"%[2]s\",\"created-at\":1795356249}"}`, id, name)
}

const endedAt = `"FinishedAt":"2026-11-22T13:00:10.5Z"`

// What Docker and podman keep of containers that have ended is told, if it is root's or the caller's.
func TestStoppedOnDisk(t *testing.T) {
	tree := newTree(t)
	write := func(id, text string) string {
		return tree.write(tree.host+"/var/lib/docker/containers/"+id+"/config.v2.json", text)
	}
	id := func(digit string) string { return strings.Repeat(digit, 64) }
	exited := `"Running":false,"Paused":false,"Restarting":false,"Dead":false,"ExitCode":137,` + endedAt
	write(id("1"), config("web", exited, `"com.docker.compose.project":"shop","com.docker.compose.service":"front","com.docker.compose.container-number":"1"`))
	write(id("2"), config("runs", `"Running":true,"ExitCode":0,"FinishedAt":"0001-01-01T00:00:00Z"`, ""))
	write(id("3"), config("born", `"Running":false,"ExitCode":0,"FinishedAt":"0001-01-01T00:00:00Z"`, ""))
	write(id("4"), config("loop", `"Running":true,"Restarting":true,"ExitCode":1,"FinishedAt":"2026-11-22T13:05:29Z"`, ""))
	write(id("5"), config("dead", `"Running":false,"Dead":true,"ExitCode":1,`+endedAt, ""))
	write(id("6"), config("odd", `"Running":false,"ExitCode":"x","FinishedAt":7`, ""))
	write(id("7"), `{"Name":`)
	tree.own(write(id("8"), config("theirs", exited, "")), 1000)
	write("not-an-id", config("strange", exited, ""))
	write(id("9"), config("large", exited, "")+strings.Repeat(" ", maxState))
	tree.write(tree.host+"/var/lib/containers/storage/overlay-containers/containers.json", "["+strings.Join([]string{
		podmans(id("a"), "pweb"), podmans(id("b"), "web"),
		// CRI-O's, buildah's, and what says nothing
		fmt.Sprintf(`{"id":"%s","names":["k8s_dns_coredns_kube-system_u_0"],"metadata":"{\"pod-name\":\"coredns\",\"pod-id\":\"%s\",\"image-name\":\"dns\",\"image-id\":\"\",\"name\":\"k8s_dns_coredns_kube-system_u_0\",\"metadata-name\":\"dns\",\"created-at\":1795356249}"}`, id("d"), id("e")),
		fmt.Sprintf(`{"id":"%s","names":["alpine-working-container"],"image":"%s","metadata":""}`, id("e"), id("0")),
		fmt.Sprintf(`{"id":"%s","names":["null"],"metadata":"{}"}`, id("f")),
	}, ",")+"]")
	if err := os.Symlink("/etc", tree.host+"/var/lib/docker/containers/"+id("c")); err != nil {
		t.Fatal(err)
	}

	r := lookedAt(tree)
	const (
		web  = "docker's container web is not running (exited with 137, 5 minutes ago)"
		byID = "docker's container web, 111111111111, is not running (exited with 137, 5 minutes ago)"
	)
	for word, want := range map[string]string{
		"web":                             web + "; podman's container web is not running",
		"container:web":                   web + "; podman's container web is not running",
		"docker:web":                      web,
		"podman:web":                      "podman's container web is not running",
		"front":                           web,
		"shop/front":                      web,
		"1111":                            byID,
		"container:1111":                  byID,
		"111":                             "",
		"pweb":                            "podman's container pweb is not running",
		"aaaa":                            "podman's container pweb, aaaaaaaaaaaa, is not running",
		"dddd":                            "",
		"eeee":                            "",
		"ffff":                            "",
		"k8s_dns_coredns_kube-system_u_0": "",
		"alpine-working-container":        "",
		"null":                            "",
		"runs":                            "",
		"born":                            "docker's container born is not running (created, and never started)",
		"loop":                            "docker's container loop is not running (to be started again: exited with 1, less than a minute ago)",
		"dead":                            "docker's container dead is not running (dead)",
		"odd":                             "docker's container odd is not running",
		"theirs":                          "",
		"strange":                         "",
		"large":                           "",
		"pod/web":                         "",
		"unit:web":                        "",
		"compose:shop":                    "",
		"":                                "",
	} {
		if got := says(t, r, word); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	if got := says(t, tree.resolver(), "web"); got != "" {
		t.Errorf("before it has looked it says %q", got)
	}
}

// One that has processes runs, whatever a file says that is older, or that has those that run, too.
func TestStoppedRuns(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "k8s.io", idA)
	tree.write(tree.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("sandbox", ""))
	tree.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	tree.write(tree.host+"/var/lib/containers/storage/vfs-containers/containers.json",
		"["+podmans(idA, "one")+","+podmans(strings.Repeat("d", 64), "two")+"]")
	r := lookedAt(tree)
	if got := says(t, r, "one") + says(t, r, "two"); got != "podman's container two is not running" {
		t.Errorf("it says %q", got)
	}
}

// A daemon is asked where no file tells, and none that was silent.
func TestStoppedByDaemon(t *testing.T) {
	serveDocker(t, "HTTP/1.0 200 OK\r\n\r\n"+`[{"Id":"`+strings.Repeat("5a", 32)+`","Names":["/web"],"State":"exited","Status":"Exited (0) About an hour ago"}]`)
	world, _, _ := askedWorld(t, os.Getuid())
	r := New(Options{Root: t.TempDir(), Host: t.TempDir()})
	r.Resolve(t.Context(), world.snapshot())
	if got := says(t, r, "web"); got != "" {
		t.Errorf("of a container that has processes it says %q", got)
	}
	serveDocker(t, "HTTP/1.0 200 OK\r\n\r\n"+`[
		{"Id":"`+strings.Repeat("1", 64)+`","Names":["/web"],"State":"exited","Status":"Exited (0) About an hour ago"},
		{"Id":"`+strings.Repeat("2", 64)+`","Names":["/loop"],"State":"restarting","Status":"Restarting (1) Less than a second ago"},
		{"Id":"`+strings.Repeat("3", 64)+`","Names":["/born"],"State":"created","Status":"Created"},
		{"Id":"`+strings.Repeat("4", 64)+`","Names":["/dead"],"State":"dead","Status":"Dead"},
		{"Id":"`+strings.Repeat("5", 64)+`","Names":["/shop-db-1"],"State":"exited","Status":"?",
			"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db","com.docker.compose.container-number":"1"}},
		{"Id":"`+strings.Repeat("7", 64)+`","Names":["/built"],"State":"exited","Status":"?",
			"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db"}},
		{"Id":"`+strings.Repeat("8", 64)+`","Names":["/shop_mq_1"],"State":"exited","Status":"?",
			"Labels":{"io.podman.compose.project":"shop","com.docker.compose.service":"mq"}},
		{"Id":"`+strings.Repeat("6", 64)+`","Names":["/runs"],"State":"running","Status":"Up 5 minutes"}]`)
	for word, want := range map[string]string{
		"web":  "docker's container web is not running (exited with 0, about an hour ago)",
		"loop": "docker's container loop is not running (to be started again: exited with 1, less than a second ago)",
		"born": "docker's container born is not running (created, and never started)",
		"dead": "docker's container dead is not running (dead)",
		"runs": "",
		// What compose builds has some of its labels, too, whoever starts it then.
		"db":      "docker's container shop-db-1 is not running (exited)",
		"shop/db": "docker's container shop-db-1 is not running (exited)",
		"shop/mq": "docker's container shop_mq_1 is not running (exited)",
	} {
		if got := says(t, r, word); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	r.mute = []Silent{{Source: "docker", Denied: true}} // it may be another one of that name
	if got := says(t, r, "web"); got == "" {
		t.Error("one that may be asked is not")
	}
	r.mute = []Silent{{Source: "docker"}}
	if got := says(t, r, "web"); got != "" {
		t.Errorf("a daemon that was silent says %q", got)
	}
}

// Digits may be the start of an ID by chance: then daemons are asked, too, each container is told of once, and it is
// told that nothing is called so.
func TestStoppedByID(t *testing.T) {
	tree := newTree(t)
	cafe := "cafe" + strings.Repeat("0", 60)
	tree.write(tree.host+"/var/lib/containers/storage/vfs-containers/containers.json", "["+podmans(cafe, "pweb")+"]")
	serveDocker(t, "HTTP/1.0 200 OK\r\n\r\n"+`[{"Id":"`+cafe+`","Names":["/again"],"State":"dead"},
		{"Id":"`+strings.Repeat("1", 64)+`","Names":["/cafe"],"State":"dead"}]`)
	got := lookedAt(tree).Stopped(t.Context(), "cafe")
	if len(got) != 2 || got[0].Name != "pweb" || !got[0].ByID || got[1].Name != "cafe" || got[1].ByID {
		t.Errorf("got %+v", got)
	}
	if got := lookedAt(tree).Stopped(t.Context(), "pweb"); len(got) != 1 || got[0].ByID {
		t.Errorf("by its name: got %+v", got)
	}
}

// A folder that does not answer is left, as are its threads.
func TestStoppedInTime(t *testing.T) {
	tree := newTree(t)
	name := filepath.Join(tree.host, "var/lib/docker/containers", strings.Repeat("1", 64), "config.v2.json")
	tree.dir(filepath.Dir(name))
	if err := unix.Mkfifo(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := says(t, lookedAt(tree), "1111"); got != "" {
		t.Errorf("a pipe says %q", got)
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour:       "less than a minute ago",
		59 * time.Second: "less than a minute ago",
		time.Minute:      "1 minute ago",
		59 * time.Minute: "59 minutes ago",
		90 * time.Minute: "1 hour ago",
		47 * time.Hour:   "1 day ago",
		50 * time.Hour:   "2 days ago",
	} {
		if got := ago(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
