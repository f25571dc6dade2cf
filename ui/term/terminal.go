package term

import "slices"

// Options are what a Terminal is made with.
type Options struct {
	// History is how many lines are kept when they leave the screen: 0 means 10,000, negative none.
	// There are fewer if they need more than 850 bytes on average, which text does not.
	History int

	// Foreground and Background are what the child is told about the default colours (OSC 10, 11).
	Foreground, Background RGB
}

// RGB is a colour in red, green and blue. If both of the Options are black, a light gray on black
// is reported.
type RGB struct{ R, G, B uint8 }

// Light reports whether a colour is nearer to white than to black, for the eye.
func (c RGB) Light() bool { return 299*int(c.R)+587*int(c.G)+114*int(c.B) > 127_500 }

// Terminal is the emulator. It is not safe for concurrent use.
type Terminal struct {
	parser parser
	size   Size
	opts   Options

	primary   *screen
	alternate *screen // nil until it is used
	screen    *screen // one of the two
	history   history

	// The cursor and what is written at it.
	x, y     int
	pending  bool // the last column was written; the next character wraps
	pen      pen
	charsets charsets
	last     rune // for REP
	margins  margins
	tabs     []bool

	// Modes that matter inside; those for the owner and the keyboard are in modes.
	origin      bool
	autowrap    bool
	insert      bool
	reverseWrap bool
	columns     bool // DECLRMM: left and right margins can be set
	inBand      bool // resizes are reported
	inverted    bool // DECSCNM
	national    bool // DECNRCM: national character sets replace ASCII
	scheme      bool // changes between dark and light are reported
	rectangles  bool // DECSACE: attributes are changed in rectangles, not in runs of text
	hidden      bool // the cursor
	shape       int  // as DECSCUSR numbers it
	modes       Modes
	savedModes  map[int]bool
	kitty       [2]kittyStack // of the primary and the alternate screen
	level       int           // DECSCL
	styles      []savedStyle

	title   string
	titles  []string
	palette palette

	clusters intern[string]
	extras   intern[extra]
	widths   widthCache

	replies []byte
	events  []Event

	spare       []*row
	scratch     []cell
	scratchText []byte
	out         []byte
}

// New returns a blank terminal.
func New(size Size, o Options) *Terminal {
	switch {
	case o.History == 0:
		o.History = DefaultHistory
	case o.History < 0:
		o.History = 0
	}
	o.History = min(o.History, MaxHistory)
	if o.Foreground == (RGB{}) && o.Background == (RGB{}) {
		o.Foreground = RGB{0xe5, 0xe5, 0xe5}
	}
	t := &Terminal{
		size:       size.clamp(),
		opts:       o,
		history:    newHistory(o.History),
		tabs:       make([]bool, maxWidth),
		savedModes: make(map[int]bool),
		clusters:   newIntern[string](maxClusters),
		extras:     newIntern[extra](maxExtras),
	}
	t.primary = newScreen(t.size)
	t.reset()
	return t
}

// SetColors changes what the child is told about the default colours, and tells it of it if it asked
// for that (mode 2031).
func (t *Terminal) SetColors(foreground, background RGB) {
	was := t.opts.Background.Light()
	t.opts.Foreground, t.opts.Background = foreground, background
	if t.scheme && was != background.Light() {
		t.reportScheme()
	}
}

// reset is RIS: everything as it was when made, but for the history.
func (t *Terminal) reset() {
	for _, s := range []*screen{t.primary, t.alternate} {
		if s != nil {
			s.clear(cell{})
			s.saved = saved{}
		}
	}
	t.screen = t.primary
	t.history.seal()
	t.x, t.y, t.last = 0, 0, 0
	t.defaultTabs(0)
	t.softReset()
	t.reverseWrap, t.columns, t.inBand, t.inverted = false, false, false, false
	t.national, t.scheme, t.rectangles = false, false, false
	t.level, t.styles = defaultLevel, nil
	t.shape = 0
	t.modes = Modes{AlternateScroll: true}
	clear(t.savedModes)
	t.titles = nil
	t.palette = palette{}
}

// softReset is DECSTR.
func (t *Terminal) softReset() {
	t.pending = false
	t.pen = pen{}
	t.charsets = charsets{}
	t.margins = t.fullMargins()
	t.origin, t.insert, t.hidden = false, false, false
	t.autowrap = true
	t.modes.CursorKeys, t.modes.Keypad = false, false
	t.resetKeyboard()
	t.screen.saved = saved{}
}

// Write feeds bytes of the child to the terminal. It takes all of them and never fails; characters
// and sequences may be cut anywhere between two calls.
func (t *Terminal) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		rest = rest[t.WriteSome(rest):]
	}
	return len(p), nil
}

// WriteSome is Write for those who hold a lock: it returns after some milliseconds, whatever the bytes
// mean, and tells how many it took, at least one if there are any. It also returns where the child says
// that its screen is finished (mode 2026 reset).
func (t *Terminal) WriteSome(p []byte) int { return t.parser.feed(p, t) }

// work notes that so many cells were gone through for a sequence of a few bytes.
func (t *Terminal) work(cells int) { t.parser.work += cells }

// Size returns the size of the screen.
func (t *Terminal) Size() Size { return t.size }

// HistoryLen returns the number of lines in the history.
func (t *Terminal) HistoryLen() int { return t.history.n }

// Title returns what the child wants the window to be called, without control characters.
func (t *Terminal) Title() string { return t.title }

// Shape is the form of the cursor.
type Shape uint8

// The shapes a child can choose.
const (
	Block Shape = iota
	Underscore
	Bar
)

// Cursor is where and how the cursor is.
type Cursor struct {
	X, Y    int
	Visible bool
	Shape   Shape
	Blink   bool
}

// Cursor returns the cursor, which is always on the screen.
func (t *Terminal) Cursor() Cursor {
	c := Cursor{X: t.x, Y: t.y, Visible: !t.hidden, Blink: t.shape == 0 || t.shape%2 == 1}
	switch t.shape {
	case 3, 4:
		c.Shape = Underscore
	case 5, 6:
		c.Shape = Bar
	}
	return c
}

// switchScreen shows the alternate screen or the primary one.
func (t *Terminal) switchScreen(alternate bool) {
	if t.modes.AltScreen == alternate {
		return
	}
	t.modes.AltScreen = alternate
	t.modes.Kitty = t.kittyStack().now
	if !alternate {
		t.screen = t.primary
		return
	}
	if t.alternate == nil {
		t.alternate = newScreen(t.size)
	}
	t.screen = t.alternate
}

// TakeReplies returns what the child has to be sent, and nil if there is nothing.
func (t *Terminal) TakeReplies() []byte {
	r := t.replies
	t.replies = nil
	return r
}

// reply queues an answer. A child that asks and does not read loses answers, never part of one.
func (t *Terminal) reply(s string) {
	if len(t.replies)+len(s) <= maxReplies {
		t.replies = append(t.replies, s...)
	}
}

// EventKind tells what an Event is.
type EventKind uint8

// The events.
const (
	EventBell      EventKind = iota
	EventTitle               // Text is the new title
	EventDirectory           // Text is the working directory the shell announced (OSC 7), unverified
	EventClipboard           // Text is what the child wants in the clipboard (OSC 52)
	EventPrompt              // Text is the mark of OSC 133: A, B, C or D
)

// Event is something the child wants its user to know. Nothing has been done about it.
type Event struct {
	Kind EventKind
	Text string // without control characters, but for the newlines and tabs of EventClipboard
}

// TakeEvents returns what happened since the last call: of each kind the newest, of prompts all up
// to a limit.
func (t *Terminal) TakeEvents() []Event {
	e := t.events
	t.events = nil
	return e
}

func (t *Terminal) event(e Event) {
	if i := slices.IndexFunc(t.events, func(old Event) bool { return old.Kind == e.Kind }); i >= 0 && e.Kind != EventPrompt {
		t.events[i] = e // the newest of a kind says it all
		return
	}
	if len(t.events) < maxEvents {
		t.events = append(t.events, e)
	}
}

// Scrolled returns how many lines have gone into the history so far, also those that have left it since.
func (t *Terminal) Scrolled() uint64 { return t.history.pushed }
