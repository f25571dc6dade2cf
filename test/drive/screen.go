package drive

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nstui/ui/term"
)

// View is the screen at one moment, held still while it is looked at. It must not be kept.
type View struct{ *term.Terminal }

// Lines returns the screen as lines without the spaces at their ends.
func (v View) Lines() []string {
	size := v.Size()
	lines := make([]string, size.H)
	for y := range lines {
		lines[y] = strings.TrimRight(v.Text(y), " ")
	}
	return lines
}

// Contains reports whether a line of the screen contains the text.
func (v View) Contains(text string) bool {
	for _, line := range v.Lines() {
		if strings.Contains(line, text) {
			return true
		}
	}
	return false
}

// Look calls f with the screen as it is now.
func (p *Program) Look(f func(View)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(View{p.screen})
}

// Screen returns the screen as it is now, as text.
func (p *Program) Screen() string {
	var text string
	p.Look(func(v View) { text = strings.Join(v.Lines(), "\n") })
	return text
}

// WaitText waits until the text stands on one line of the screen.
func (p *Program) WaitText(ctx context.Context, text string) error {
	return p.WaitFor(ctx, fmt.Sprintf("%q on the screen", text), func(v View) bool { return v.Contains(text) })
}

// WaitGone waits until the text stands on no line of the screen.
func (p *Program) WaitGone(ctx context.Context, text string) error {
	return p.WaitFor(ctx, fmt.Sprintf("%q gone from the screen", text), func(v View) bool { return !v.Contains(text) })
}

// WaitFor waits until the condition holds, which is asked now and after every output. What names it
// in the error.
func (p *Program) WaitFor(ctx context.Context, what string, holds func(View) bool) error {
	for {
		p.mu.Lock()
		ok := holds(View{p.screen})
		changed := p.changed
		p.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
			continue
		case <-ctx.Done():
			return p.lament(ctx, "wait for "+what)
		case <-p.drained:
		}
		// Nothing comes any more; what came last may not have been looked at yet.
		p.mu.Lock()
		ok = holds(View{p.screen})
		p.mu.Unlock()
		if ok {
			return nil
		}
		return fmt.Errorf("wait for %s: %w\n%s", what, errEnded, p.Screen())
	}
}

var errEnded = errors.New("the program has ended")

// lament returns the error of a wait in vain, with what was on the screen instead.
func (p *Program) lament(ctx context.Context, what string) error {
	return fmt.Errorf("%s: %w\n%s", what, context.Cause(ctx), p.Screen())
}
