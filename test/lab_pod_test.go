package test

import (
	"bytes"
	"context"
	wire "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"testing"
)

// pod makes a pod with one container, as kubelet does: it asks containerd for them by the Container Runtime
// Interface. That is four calls of gRPC, which are written here by hand: the library would bring a dozen
// modules. The numbers of fields are those of the interface's api.proto.
func (m *machine) pod(t *testing.T, name string) {
	t.Helper()
	cri := dialCRI(m.socket(t, "/run/containerd/containerd.sock"))
	const uid = "0b9a4c3e-58c1-4f0e-9d5b-6d1f2a7c8e90"
	sandbox := message{
		{1, message{{1, name}, {2, uid}, {3, "default"}}},
		{2, name},               // hostname
		{3, "/run/pods/" + uid}, // logs
		{8, message{{1, "/" + m.groups + "/kubepods/pod" + uid}}},
	}
	id := cri.call(t, "RunPodSandbox", message{{1, sandbox}}).text(t, 1)
	container := cri.call(t, "CreateContainer", message{
		{1, id},
		{2, message{
			{1, message{{1, "main"}}},
			{2, message{{1, "docker.io/nstui-lab/tools:latest"}}},
			{3, "/bin/sleep"},
			{3, "1000000"},
			{11, "main.log"},
			// The default would be the pid namespace of the pod.
			{15, message{{2, message{{3, message{{2, uint64(1)}}}}}}},
		}},
		{3, sandbox},
	}).text(t, 1)
	cri.call(t, "StartContainer", message{{1, container}})

	// The pid is among the details for people, in JSON.
	status := cri.call(t, "ContainerStatus", message{{1, container}, {2, uint64(1)}})
	found := regexp.MustCompile(`"pid":(\d+)`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("the status of the container tells no pid: %q", status)
	}
	inner, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	m.pids["pod"] = m.outside(t, inner)
}

// message is a message of protocol buffers: fields with a string, a number or another message.
type message []struct {
	number uint64
	value  any
}

// wire types of protocol buffers.
const (
	varint = 0
	length = 2
)

func (m message) encode() []byte {
	var b []byte
	for _, field := range m {
		var content []byte
		switch value := field.value.(type) {
		case uint64:
			b = wire.AppendUvarint(b, field.number<<3|varint)
			b = wire.AppendUvarint(b, value)
			continue
		case string:
			content = []byte(value)
		case message:
			content = value.encode()
		}
		b = wire.AppendUvarint(b, field.number<<3|length)
		b = wire.AppendUvarint(b, uint64(len(content)))
		b = append(b, content...)
	}
	return b
}

// reply is a message that came back.
type reply []byte

// text returns the field, which must be the first of the reply.
func (r reply) text(t *testing.T, number uint64) string {
	t.Helper()
	key, n := wire.Uvarint(r)
	if n <= 0 || key != number<<3|length {
		t.Fatalf("%q does not begin with field %d", []byte(r), number)
	}
	size, k := wire.Uvarint(r[n:])
	if k <= 0 || uint64(len(r)-n-k) < size {
		t.Fatalf("%q is cut short", []byte(r))
	}
	return string(r[n+k:][:size])
}

// criClient calls the runtime service of a Container Runtime Interface.
type criClient struct{ http http.Client }

func dialCRI(socket string) *criClient {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &criClient{http.Client{Transport: &http.Transport{
		Protocols: &protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		},
	}}}
}

// call calls a method with a request and returns its reply.
func (c *criClient) call(t *testing.T, method string, request message) reply {
	t.Helper()
	answer, err := c.try(t.Context(), method, request)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return answer
}

func (c *criClient) try(ctx context.Context, method string, request message) (_ reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	content := request.encode()
	frame := wire.BigEndian.AppendUint32([]byte{0}, uint32(len(content))) // not compressed
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://cri/runtime.v1.RuntimeService/"+method,
		bytes.NewReader(append(frame, content...)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	status, text := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" { // an error without a reply has no trailer of its own
		status, text = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	if status != "0" || len(body) < len(frame) {
		return nil, fmt.Errorf("status %s: %s", status, text)
	}
	return body[len(frame):], nil
}
