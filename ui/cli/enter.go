package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/text"
)

// The exit statuses of nstui enter when the program could not be started, as shells and env(1) have them.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// endError ends the run in the given way, without a word.
type endError struct{ end End }

func (e *endError) Error() string { return fmt.Sprintf("ended with status %d", e.end.Status) }

// enterUsageError is an error in the command line of nstui enter. Its status is 1, as nsenter(1) has it.
type enterUsageError struct{ error }

func (e enterUsageError) Unwrap() error { return e.error }

// enterer is what enters. Tests put their own functions in place of the real ones.
type enterer struct {
	pin func(nsenter.Ref) (*nsenter.Target, error)
	run func(context.Context, *nsenter.Target, *nsenter.Plan, func(*nsenter.StepError)) (nsenter.Status, error)
	// relay is run on a terminal of the program's own.
	relay func(context.Context, *nsenter.Target, *nsenter.Plan, *recording, func(*nsenter.StepError)) (nsenter.Status, error)
}

// enterCommand returns the command nstui enter.
func (a *app) enterCommand() *cobra.Command {
	cmd := a.ownOptions(enterHelp, func(err error) error { return enterUsageError{err} }, a.enter)
	cmd.ValidArgsFunction = completeOptions(new(enterOptions).table(), enterHelp, false, a.enterValues)
	cmd.Use = "enter [options] [program [argument...]]"
	cmd.Short = "Run a program in namespaces of a process, with the options of nsenter(1)"
	return cmd
}

// enter runs nstui enter with its arguments.
func (a *app) enter(ctx context.Context, args []string) error {
	o, err := readEnterOptions(args)
	switch {
	case errors.Is(err, errHelp):
		return a.print(enterHelp)
	case errors.Is(err, errVersion):
		return a.print("nstui " + Version() + "\n")
	case err != nil:
		return enterUsageError{err}
	}
	r := a.newResolution(ctx)
	at, err := r.resolve(o.target)
	if err != nil {
		return err
	}
	if err := o.unsure(at); err != nil {
		return err
	}
	a.tell(at)
	e, err := o.entry(at)
	if err != nil {
		return enterUsageError{err}
	}
	target, err := a.pinFirst(e.refs)
	if err != nil {
		return absent(o.target, err, netnsNames, r.digits)
	}
	defer target.Close()
	if a.onTerminal && isPID(o.target) { // a script that has a pid means it, and need not wait
		a.tell(aim{notes: notesOf(o.target, r.digits(o.target))})
	}
	if o.explores() {
		target.Explore(true)
	}
	if !a.onTerminal && !o.dryRun {
		if err := o.needsTerminal(); err != nil {
			return err
		}
	}
	plan := a.plan(o, target, e.settle(target.Facts()))
	if o.dryRun {
		return a.dryRun(o, target.Facts(), a.containerOf(ctx, target.Facts()), plan)
	}
	if a.refuses(plan, e) {
		return &endError{End{Status: exitError}}
	}
	return a.runPlan(ctx, o, target, plan)
}

// needsTerminal returns the error for an option that takes the terminal there is not.
func (o *enterOptions) needsTerminal() error {
	const what = " takes a terminal on standard input, output and error"
	switch {
	case o.record != "":
		return enterUsageError{errors.New("--record" + what + "; script(1) records without one")}
	case o.pty:
		return enterUsageError{errors.New("--pty" + what)}
	}
	return nil
}

// plan makes the plan. A login shell that is not there is passed over, and a shell among files or users of
// the target's gets a terminal of its own, where ours has no name and could be typed into.
func (a *app) plan(o *enterOptions, target *nsenter.Target, r nsenter.Request) *nsenter.Plan {
	own := o.pty || o.record != ""
	r.Terminal = own
	plan := nsenter.NewPlan(target.Facts(), r, os.Environ())
	r.ShellMissing = lacksShell(target, plan)
	foreign := plan.InRoot() || plan.Join.Has(ns.Mnt) || plan.Join.Has(ns.User)
	r.Terminal = own || len(o.program) == 0 && foreign && a.onTerminal && !o.noPTY
	return nsenter.NewPlan(target.Facts(), r, os.Environ())
}

// lacksShell reports whether the login shell that comes first is known not to be there.
func lacksShell(target *nsenter.Target, p *nsenter.Plan) bool {
	if !p.Login || len(p.Shells) == 0 || p.Root == nsenter.RootGiven || p.InRoot() && !target.Facts().Inside.Known {
		return false
	}
	return !target.Look(p.InRoot(), p.Shells[0][0])
}

// pinFirst takes hold of the first target that is there. The others only count once those before them
// are gone: a refusal is not made good by another process.
func (a *app) pinFirst(refs []nsenter.Ref) (target *nsenter.Target, err error) {
	for _, ref := range refs {
		if target, err = a.engine.pin(ref); err == nil || !nsenter.Left(err) {
			return target, err
		}
	}
	return nil, err
}

// refuses says what stands against the plan, if anything does.
func (a *app) refuses(p *nsenter.Plan, e *entry) bool {
	failures := failures(p, e)
	for _, failure := range failures {
		a.complain("nstui: %s\n", text.Clean(failure))
	}
	return len(failures) > 0
}

// failures returns what stands against the plan. That a kind does not exist is one if it was asked for by
// itself, and none if all were.
func failures(p *nsenter.Plan, e *entry) []string {
	var list []string
	for _, check := range p.Checks {
		if check.Level == nsenter.Fail {
			list = append(list, check.Text)
		}
	}
	if len(list) > 0 {
		return list
	}
	for _, k := range e.asked.Kinds() {
		if kind := &p.Kinds[k]; kind.State == nsenter.Missing {
			list = append(list, k.String()+": "+kind.Reason)
		}
	}
	if e.request.Cgroup && len(p.Cgroups) == 0 {
		list = append(list, "its cgroup cannot be joined: it is not mounted where you see it")
	}
	return list
}

// runPlan runs the program to its end and ends as it did.
func (a *app) runPlan(ctx context.Context, o *enterOptions, target *nsenter.Target, plan *nsenter.Plan) error {
	tell := func(missed *nsenter.StepError) {
		a.complain("nstui: %s\n", text.Clean(explainEntry(missed)))
	}
	var status nsenter.Status
	var err error
	if plan.Session {
		status, err = a.relayPlan(ctx, o, target, plan, tell)
	} else {
		status, err = a.engine.run(ctx, target, plan, tell)
	}
	if err != nil {
		a.complain("nstui: %s\n", text.Clean(explainEntry(err)))
		return &endError{End{Status: statusOf(err)}}
	}
	return &endError{End{Status: status.Code, Signal: status.Signal}}
}

// relayPlan runs the program on a terminal of its own, and records that if it is asked for.
func (a *app) relayPlan(ctx context.Context, o *enterOptions, target *nsenter.Target, plan *nsenter.Plan, tell func(*nsenter.StepError)) (nsenter.Status, error) {
	var record *recording
	if o.record != "" {
		var err error
		if record, err = newRecording(o.record, o.target); err != nil {
			return nsenter.Status{}, err
		}
	}
	status, err := a.engine.relay(ctx, target, plan, record, tell)
	if said := record.end(); said != "" {
		a.complain("nstui: %s\n", text.Clean(said))
	}
	return status, err
}

// explainEntry returns the error with what it means, where the package nsenter knows more words for it.
func explainEntry(err error) string {
	if step, ok := errors.AsType[*nsenter.StepError](err); ok {
		if hint := step.Hint(); hint != "" {
			return err.Error() + ": " + hint
		}
	}
	return err.Error()
}

// statusOf returns the exit status for a program that could not be run.
func statusOf(err error) int {
	var step *nsenter.StepError
	switch {
	case !errors.As(err, &step) || step.Step != nsenter.StepExec:
		return exitError
	case step.Errno == syscall.ENOENT:
		return exitNotFound
	default:
		return exitNotExecutable
	}
}
