package nsenter

import (
	"unsafe"

	"nstui/nsenter/stage"
)

// encode lays out the operations as package stage reads them.
func encode(ops []op) []byte {
	e := encoder{texts: map[string]uint64{}, vectors: map[*vector]uint64{}}
	words := make([]stage.Op, len(ops))
	for i, o := range ops {
		w := &words[i]
		*w = stage.Op{Verb: o.verb, Step: uint32(o.step), Arg: o.arg, Skip: o.skip, Nr: uint64(o.nr)}
		for a, arg := range o.args {
			if _, ok := arg.(kept); ok {
				w.Kept |= 1 << a
			}
			value, pointer := arg.encode(&e)
			w.Args[a] = value
			if pointer {
				w.Pointers |= 1 << a
			}
		}
	}
	size := int(stage.HeaderSize) + len(words)*int(stage.OpSize) + 8*len(e.relocs) + len(e.data)
	header := stage.Header{
		Magic: stage.Magic, Size: uint64(size),
		Ops: uint64(len(words)), Relocs: uint64(len(e.relocs)), Report: fdReport,
	}
	wire := make([]byte, 0, size)
	wire = append(wire, bytesOf(&header, 1)...)
	wire = append(wire, bytesOf(unsafe.SliceData(words), len(words))...)
	wire = append(wire, bytesOf(unsafe.SliceData(e.relocs), len(e.relocs))...)
	return append(wire, e.data...)
}

// encoder collects the data the operations point into.
type encoder struct {
	data   []byte
	relocs []uint64 // offsets of words in data that are themselves offsets into it
	// Where texts and vectors are that were put there before.
	texts   map[string]uint64
	vectors map[*vector]uint64
}

// put appends bytes at an offset that suits any type.
func (e *encoder) put(b []byte) uint64 {
	e.data = append(e.data, make([]byte, -len(e.data)&7)...)
	at := uint64(len(e.data))
	e.data = append(e.data, b...)
	return at
}

func (e *encoder) text(s string) uint64 {
	at, ok := e.texts[s]
	if !ok {
		at = e.put(append([]byte(s), 0))
		e.texts[s] = at
	}
	return at
}

func (e *encoder) vector(v *vector) uint64 {
	if at, ok := e.vectors[v]; ok {
		return at
	}
	words := make([]uint64, len(v.texts)+1) // the last one stays NULL
	for i, s := range v.texts {
		words[i] = e.text(s)
	}
	at := e.put(bytesOf(unsafe.SliceData(words), len(words)))
	e.vectors[v] = at
	for i := range v.texts {
		e.relocs = append(e.relocs, at+8*uint64(i))
	}
	return at
}

// bytesOf returns the memory of n values without pointers.
func bytesOf[T any](first *T, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(first)), n*int(unsafe.Sizeof(*first)))
}
