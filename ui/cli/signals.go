package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signalError is why a run was cut short.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return "ended by signal: " + e.signal.String() }

// status returns the exit status shells give a program that died of the signal.
func (e *signalError) status() int { return 128 + int(e.signal) }

// notify returns a context that ends, with a signalError as its cause, when the program is told to
// end: hung up, interrupted or terminated. Dying of the signal itself would leave the user with a
// raw terminal in the alternate screen.
//
// A second signal is not caught: it ends a program that hangs on its way out.
func notify(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(&signalError{signal: s.(syscall.Signal)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
