package stage

import "unsafe"

// FD is the descriptor at which the stage looks for its list of operations.
const FD = 3

// Magic opens the list. It changes with every change of the format.
var Magic = [16]byte{'n', 's', 't', 'u', 'i', ' ', 's', 't', 'a', 'g', 'e', ' ', 'v', '3', '\r', '\n'}

// Header is the first thing in the memfd. After it follow Ops operations, then Relocs uint64s, then
// the data, up to the end at Size bytes. All of it is in the byte order of the machine.
type Header struct {
	Magic  [16]byte
	Size   uint64 // of the whole
	Ops    uint64 // number of operations
	Relocs uint64 // number of relocations
	Report uint64 // descriptor of the pipe for records
}

// Verb says what to do with an operation.
type Verb uint32

// The verbs.
const (
	Call   Verb = iota // make the system call; an error ends the entry
	Try                // make the system call; an error is ignored
	Join               // setns(2) for the kind in Arg unless it is joined already; an error is kept
	Assert             // all kinds in the bit set Args[0] are joined, or the first that is not ends the entry
	Fork               // go on in a new process
	Exec               // execve; returns only with an error: if it is about the file the next operation follows
	Script             // the same, but only if the Exec before it found a file that is no program
	Fail               // end the entry with the error kept from the Execs
	Need               // make the system call and keep its result; an error ends the entry
	Keep               // make the system call and keep its result, -1 for an error
	Wish               // make the system call; an error is told, and Skip operations are left out
	NumVerbs
)

// Op is one operation.
type Op struct {
	Verb Verb
	Step uint32 // reported with a failure: what it was for
	Arg  uint32 // reported with a failure: the kind, or which candidate
	// Pointers has bit i set if Args[i] is an offset into the data, to be replaced by its address.
	Pointers uint32
	Kept     uint32 // has bit i set if Args[i] is the result that was kept last
	Skip     uint32 // operations a Wish leaves out when it fails
	Nr       uint64 // number of the system call
	Args     [6]uint64
}

// RecordKind says what a Record tells.
type RecordKind uint32

// The kinds of records. The shell runs if the pipe ends with all forks told and without Failed.
const (
	Forked RecordKind = 1 // A: how many forks came before, B: the pid, in the pid namespace of the starter
	Failed RecordKind = 2 // A: Op.Step, B: Op.Arg, C: errno
	Missed RecordKind = 3 // the same, of a Wish
	Tried  RecordKind = 4 // A: Op.Step, B: Op.Arg, of an Exec, before it: the last one is what runs
)

// Record is what the stage writes to the report pipe, one write(2) each.
type Record struct {
	Kind    RecordKind
	A, B, C uint32
}

// Sizes of what goes over the wire, in bytes.
const (
	HeaderSize = unsafe.Sizeof(Header{})
	OpSize     = unsafe.Sizeof(Op{})
	RecordSize = unsafe.Sizeof(Record{})
)

// ExitFailed is the exit status of a stage that could not reach the execve.
const ExitFailed = 125
