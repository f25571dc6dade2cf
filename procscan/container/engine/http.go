package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Of HTTP only what one GET needs: RFC 9112. Version 1.0 asks for an answer that ends with the connection, but
// other ways to end it are understood, too.

const (
	maxHead  = 64 << 10 // bytes of status line and headers
	maxLine  = 4096     // bytes of one line of them
	maxShown = 200      // bytes of an answer that are shown in an error
)

// request is the question. The host is required by nobody, and some proxies want one.
func request(path string) string {
	return "GET " + path + " HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: nstui\r\n\r\n"
}

// reply is an answer whose head was read.
type reply struct {
	code   int    // 200
	status string // "200 OK"
	body   io.Reader
}

// readReply reads the head of an answer; the body is read as the caller does.
func readReply(r io.Reader, most limits) (*reply, error) {
	m := &meter{r: r, until: int64(most.reply), over: fmt.Errorf("it answers more than %d KiB", most.reply>>10)}
	lines := bufio.NewReaderSize(m, maxLine)
	first, err := readLine(lines)
	if err != nil {
		return nil, fmt.Errorf("read the status: %w", err)
	}
	version, status, _ := strings.Cut(first, " ")
	status = strings.TrimSpace(status)
	number, _, _ := strings.Cut(status, " ")
	code, err := strconv.Atoi(number)
	if !strings.HasPrefix(version, "HTTP/1.") || err != nil || code < 100 || code > 999 {
		return nil, fmt.Errorf("it answers %s, which is not HTTP", shown(first))
	}
	p := &reply{code: code, status: status, body: lines}
	for read := 0; ; {
		line, err := readLine(lines)
		if err != nil {
			return nil, fmt.Errorf("read the headers: %w", err)
		}
		if line == "" {
			return p, nil
		}
		if read += len(line); read > maxHead {
			return nil, fmt.Errorf("it answers more than %d KiB of headers", maxHead>>10)
		}
		if err := p.header(line, lines); err != nil {
			return nil, err
		}
	}
}

// header takes from a header how the body ends.
func (p *reply) header(line string, body *bufio.Reader) error {
	key, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	switch strings.ToLower(key) {
	case "transfer-encoding":
		if !strings.EqualFold(value, "chunked") {
			return fmt.Errorf("it answers in the unknown encoding %s", shown(value))
		}
		p.body = &chunks{r: body}
	case "content-length":
		n, err := strconv.ParseUint(value, 10, 62)
		if err != nil {
			return fmt.Errorf("it answers %s bytes", shown(value))
		}
		if _, chunked := p.body.(*chunks); !chunked { // which counts, says RFC 9112
			p.body = io.LimitReader(body, int64(n))
		}
	}
	return nil
}

// refusal says what an answer without a list says instead. Engines say it in JSON, as a message.
func (p *reply) refusal() error {
	text, _ := io.ReadAll(io.LimitReader(p.body, 4*maxShown)) // what came is better than nothing
	text = bytes.TrimSpace(text)
	if message, ok := messageIn(text); ok {
		return fmt.Errorf("it answers %s: %s", shown(p.status), shown(message))
	}
	return fmt.Errorf("it answers %s: %s", shown(p.status), shown(string(text)))
}

// readLine reads up to the end of a line, and leaves that out.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("it answers %s and no end of the line", shown(string(line)))
	case errors.Is(err, io.EOF) && len(line) > 0:
		return "", fmt.Errorf("it answers %s and hangs up", shown(string(line)))
	case errors.Is(err, io.EOF):
		return "", errors.New("it hangs up")
	case err != nil:
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// shown quotes the beginning of what came from outside, so that it is harmless on a terminal.
func shown(text string) string {
	if len(text) > maxShown {
		return strconv.QuoteToASCII(text[:maxShown]) + "..."
	}
	return strconv.QuoteToASCII(text)
}

// chunks reads a body that comes in pieces, each with its length before it: RFC 9112, 7.1. What follows the
// last one is not read.
type chunks struct {
	r    *bufio.Reader
	left uint64 // bytes of this piece
	some bool   // there was one before
	err  error
}

// Read is that of io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	if c.err == nil && c.left == 0 {
		c.err = c.next()
	}
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	n, err := c.r.Read(p[:min(uint64(len(p)), c.left)])
	c.left -= uint64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	c.err = err
	return n, err
}

// next reads the length of the next piece. The last one has none, and ends with io.EOF.
func (c *chunks) next() error {
	if c.some { // a piece ends with the end of a line
		if line, err := readLine(c.r); err != nil || line != "" {
			return cmp.Or(err, fmt.Errorf("it answers a piece that goes on with %s", shown(line)))
		}
	}
	line, err := readLine(c.r)
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	c.left, err = strconv.ParseUint(strings.TrimSpace(size), 16, 62)
	if err != nil {
		return fmt.Errorf("it answers a piece of the length %s", shown(size))
	}
	c.some = true
	if c.left == 0 {
		return io.EOF
	}
	return nil
}
