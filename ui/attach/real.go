package attach

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/charmbracelet/x/term"
	"github.com/muesli/cancelreader"
)

// own is a terminal of this process.
type own struct {
	in     *os.File
	reader cancelreader.CancelReader
	out    io.Writer
}

// Open returns the terminal the program has on its standard input and output. Close lets go of it.
func Open(in io.Reader, out io.Writer) (interface {
	Terminal
	io.Closer
}, error,
) {
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(file.Fd()) {
		return nil, errors.New("hand over the terminal: standard input is none")
	}
	reader, err := cancelreader.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	return &own{in: file, reader: reader, out: out}, nil
}

func (r *own) Read(b []byte) (int, error)  { return r.reader.Read(b) }
func (r *own) Write(b []byte) (int, error) { return r.out.Write(b) }
func (r *own) Cancel()                     { r.reader.Cancel() }
func (r *own) Close() error                { return r.reader.Close() }

func (r *own) Size() (cols, rows int, err error) { return term.GetSize(r.in.Fd()) }

func (r *own) Raw() (func() error, error) {
	state, err := term.MakeRaw(r.in.Fd())
	if err != nil {
		return nil, err
	}
	return func() error { return term.Restore(r.in.Fd(), state) }, nil
}
