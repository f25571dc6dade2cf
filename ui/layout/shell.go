package layout

// bordered is the width from which on a shell has borders at its sides. Below it the program in it
// gets all columns: so that one made for 80 has them on a terminal of 80.
const bordered = 100

// shellFrame is the width of the frame of a shell beside the lists: 80 columns and its borders.
const shellFrame = 82

// Shell is where the parts of a shell's screen are: the strip of tabs where there are several shells,
// the two bars that say where one is, which are always there, and between them the pane.
type Shell struct {
	Tabs, Frame, Pane Rect
}

// Sides reports whether the frame has borders at its sides.
func (s Shell) Sides() bool { return s.Pane.W < s.Frame.W }

// ComputeShell arranges the screen of a shell. The pane has at least one cell on any screen.
func ComputeShell(width, height int, tabs bool) Shell {
	strip := lines(tabs)
	s := Shell{
		Tabs:  Rect{W: width, H: strip},
		Frame: Rect{Y: strip, W: width, H: height - strip},
	}
	s.Pane = Rect{Y: s.Frame.Y + 1, W: max(1, s.Frame.W), H: max(1, s.Frame.H-2)}
	if width >= bordered {
		s.Pane.X, s.Pane.W = 1, width-2
	}
	return s
}

// ShellIn arranges a shell in a frame on the screen, beside the lists.
func ShellIn(frame Rect) Shell {
	return Shell{Frame: frame, Pane: Rect{X: frame.X + 1, Y: frame.Y + 1, W: max(1, frame.W-2), H: max(1, frame.H-2)}}
}
