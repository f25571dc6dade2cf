package cli

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"

	"nstui/nsenter"
)

// A signal calls off an entry that hangs, but the size of the terminal may change.
func TestSignalDuringStart(t *testing.T) {
	r := &relayed{signals: make(chan os.Signal, 16)}
	entering := make(chan struct{})
	go func() {
		<-entering
		r.signals <- syscall.SIGWINCH
		r.signals <- syscall.SIGTERM
	}()
	early, err := r.start(t.Context(), func(ctx context.Context) (*nsenter.Session, error) {
		close(entering)
		<-ctx.Done()
		return nil, context.Cause(ctx)
	})
	if early != syscall.SIGTERM || !errors.Is(err, context.Canceled) {
		t.Errorf("it ended by %v, %v", early, err)
	}
}

// One that comes when the program begins to run does not get lost.
func TestSignalAfterStart(t *testing.T) {
	r := &relayed{signals: make(chan os.Signal, 16)}
	session := new(nsenter.Session)
	early, err := r.start(t.Context(), func(ctx context.Context) (*nsenter.Session, error) {
		r.signals <- syscall.SIGHUP
		<-ctx.Done()
		return session, nil
	})
	if early != syscall.SIGHUP || err != nil || r.session != session {
		t.Errorf("it ended by %v, %v", early, err)
	}
}
