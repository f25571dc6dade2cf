package nsenter

import (
	"context"
	"errors"
)

// Run runs what the plan says on the caller's standard input, output and error, and returns how it ended.
// It is in the caller's session and process group. Signals that are sent to the caller are passed on; when the program stops, so
// does the caller. Errors are those of Start.
func Run(_ context.Context, _ *Target, _ *Plan) (Status, error) {
	return Status{}, errors.New("not yet")
}
