package term

// How many lines the history has if nothing is said, and at most: 10,000 lines of text are 1 MB, and lines
// full of colours 8 MB at most. They are wrapped again when the width changes, while the user waits.
const (
	DefaultHistory = 10_000
	MaxHistory     = 100_000
)

// What a child can make this package hold is bounded by these.
const (
	maxWidth  = 2000
	maxHeight = 1000

	historyBytes = 850 // for each line the history may have, on average

	maxParams     = 32
	maxParamValue = 1<<16 - 1
	maxString     = 64 << 10 // payload of one OSC or DCS

	maxWork = 1 << 20 // cells gone through in one WriteSome, before its last sequence

	maxReplies = 4 << 10 // bytes waiting to be sent to the child
	maxEvents  = 64
	maxTitle   = 256
	maxTitles  = 10 // saved with CSI 22 t
	maxLink    = 2048
	maxStyles  = 10 // saved with CSI # {
	maxKitty   = 16 // keyboard modes saved with CSI > u, for each screen

	maxCluster  = 32      // bytes of one character with its marks
	maxClusters = 1 << 14 // different ones at a time
	maxExtras   = 1 << 12 // different links and underline colours at a time
)

// Size is a number of cells.
type Size struct{ W, H int }

// clamp returns the nearest size a Terminal can have.
func (s Size) clamp() Size {
	return Size{W: min(max(s.W, 1), maxWidth), H: min(max(s.H, 1), maxHeight)}
}
