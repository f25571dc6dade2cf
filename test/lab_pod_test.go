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
	"strings"
)

// pod is a pod as kubelet asks for it.
type pod struct {
	namespace, name, uid string
	labels               map[string]string
	hostNetwork          bool
	containers           []string // their names
}

// labPods are the pods of every machine.
var labPods = []pod{
	{
		namespace: "kube-system", name: "coredns-5d78c9869d-abcde", uid: "0b9a4c3e-58c1-4f0e-9d5b-6d1f2a7c8e90",
		labels: map[string]string{"k8s-app": "kube-dns"}, containers: []string{"coredns"},
	},
	{
		namespace: "shop", name: "cart-7c9f8d6b5-x2x4z", uid: "1c8b5d4f-69d2-4a1f-8e6c-7e2a3b8d9fa1",
		labels: map[string]string{"app": "cart"}, containers: []string{"cart", "sidecar"},
	},
	{
		namespace: "kube-system", name: "kube-proxy-tq9rm", uid: "2d7c6e5a-7ae3-4b2a-9f7d-8f3b4c9eabb2",
		labels: map[string]string{"k8s-app": "kube-proxy"}, hostNetwork: true, containers: []string{"kube-proxy"},
	},
}

// makePods makes the pods by asking containerd for them by the Container Runtime Interface, as kubelet does.
// That is a few calls of gRPC, which are written here by hand: the library would bring a dozen modules. The
// numbers of fields are those of the interface's api.proto. The containers' processes get the containers'
// names, and the sandbox's that of the pod.
func (m *machine) makePods() error {
	cri := dialCRI(m.path("/run/containerd/containerd.sock"))
	inner := make(map[string]int)
	for _, p := range labPods {
		if _, err := m.makePod(cri, p, inner); err != nil {
			return fmt.Errorf("pod %s: %w", p.name, err)
		}
	}
	return m.find(inner)
}

// makePod makes a pod, tells the pids of its processes inside, and returns its ID.
func (m *machine) makePod(cri *criClient, p pod, inner map[string]int) (id string, err error) {
	// What kubelet puts on all, k8s.io/kubernetes/pkg/kubelet/types/labels.go.
	labels := map[string]string{"io.kubernetes.pod.name": p.name, "io.kubernetes.pod.namespace": p.namespace, "io.kubernetes.pod.uid": p.uid}
	annotations := map[string]string{"kubernetes.io/config.source": "api"}
	const ofPod, ofContainer, ofNode = uint64(0), uint64(1), uint64(2) // NamespaceMode
	network, hostname := ofPod, p.name
	if p.hostNetwork {
		network, hostname = ofNode, ""
	}
	namespaces := message{{1, network}, {2, ofContainer}}
	sandbox := message{
		{1, message{{1, p.name}, {2, p.uid}, {3, p.namespace}}},
		{2, hostname},
		{3, "/run/pods/" + p.uid}, // logs
		{8, message{{1, m.podGroup(p.uid)}, {2, message{{1, namespaces}}}}},
	}
	sandbox = append(append(sandbox, pairs(6, labels)...), pairs(6, p.labels)...)
	sandbox = append(sandbox, pairs(7, annotations)...)
	id, err = cri.text("RunPodSandbox", message{{1, sandbox}})
	if err != nil {
		return "", err
	}
	// The verbose status has the pid among the details for people, in JSON.
	if inner[p.name], err = cri.pid("PodSandboxStatus", id); err != nil {
		return "", err
	}
	for _, name := range p.containers {
		container := message{
			{1, message{{1, name}}},
			{2, message{{1, "docker.io/nstui-lab/tools:latest"}}},
			{3, "/bin/sleep"},
			{3, "1000000"},
			{11, name + ".log"},
			{15, message{{2, message{{3, namespaces}}}}},
		}
		container = append(append(container, pairs(9, labels)...), pairs(9, map[string]string{"io.kubernetes.container.name": name})...)
		container = append(container, pairs(10, map[string]string{"io.kubernetes.container.restartCount": "0"})...)
		made, err := cri.text("CreateContainer", message{{1, id}, {2, container}, {3, sandbox}})
		if err != nil {
			return "", err
		}
		if _, err := cri.call("StartContainer", message{{1, made}}); err != nil {
			return "", err
		}
		if inner[name], err = cri.pid("ContainerStatus", made); err != nil {
			return "", err
		}
	}
	return id, nil
}

// podGroup returns the control group of a pod with its uid as the machine's runtime wants it named.
func (m *machine) podGroup(uid string) string {
	if strings.HasSuffix(m.pods, ".slice") { // systemd's - means a slice in a slice
		uid = strings.ReplaceAll(uid, "-", "_")
	}
	return strings.NewReplacer("GROUPS", m.groups, "UID", uid).Replace(m.pods)
}

// pairs are the fields of a map.
func pairs(number uint64, all map[string]string) message {
	var m message
	for key, value := range all {
		m = append(m, message{{number, message{{1, key}, {2, value}}}}...)
	}
	return m
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

// text returns the first field, which must have the number 1.
func (r reply) text() (string, error) {
	const number = 1
	key, n := wire.Uvarint(r)
	if n <= 0 || key != number<<3|length {
		return "", fmt.Errorf("%q does not begin with field %d", []byte(r), number)
	}
	size, k := wire.Uvarint(r[n:])
	if k <= 0 || uint64(len(r)-n-k) < size {
		return "", fmt.Errorf("%q is cut short", []byte(r))
	}
	return string(r[n+k:][:size]), nil
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

// text calls a method whose reply begins with a text.
func (c *criClient) text(method string, request message) (string, error) {
	answer, err := c.call(method, request)
	if err != nil {
		return "", err
	}
	return answer.text()
}

// pid calls a method for the verbose status of what has the id, and returns the pid in it.
func (c *criClient) pid(method, id string) (int, error) {
	status, err := c.call(method, message{{1, id}, {2, uint64(1)}})
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`"pid":(\d+)`).FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("%s tells no pid: %q", method, status)
	}
	return strconv.Atoi(string(found[1]))
}

// call calls a method with a request and returns its reply.
func (c *criClient) call(method string, request message) (_ reply, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", method, err)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
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
