package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nstui/procscan"
	"nstui/procscan/probe"
	"nstui/ui/text"
)

const doctorHelp = `Tries what this kernel, this user and this proc allow of what nstui can use. Nothing is
concluded from a version: each feature is used once, and nothing is changed by that. For what
does not work it says what nstui does instead, and what to do to have it.

The exit status is 0 if nstui can do what it is for, which is to list processes, whatever
else does not work; 1 if proc cannot be read; 2 if the command line is wrong.

With --json an object is printed. Its fields, to which others may be added:
  proc, kernel, uid  what was tried on: the proc root, the release of the kernel, the user
  usable             whether nstui can do what it is for
  findings           a list, in the order of the table, of objects with
    area, name       what was tried; a name is unique and stays
    state            "ok" or "no"
    tried            the system call or the file
    answer           what the kernel said
    instead, advice  what nstui does without it, what to do to have it; "" if it works`

// doctorCommand returns the command nstui doctor.
func (a *app) doctorCommand() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Try what this kernel, this user and this proc allow",
		Long:  doctorHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := misplaced(cmd); err != nil {
				return usageError{err}
			}
			return a.doctor(cmd.Context(), root, asJSON)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&root, "proc", procscan.DefaultRoot, "the `ROOT` proc is mounted at; /host/proc in a container")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolP("help", "h", false, "print this help and exit")
	return cmd
}

// doctor tries everything and prints what came of it.
func (a *app) doctor(ctx context.Context, root string, asJSON bool) error {
	report := a.probe(ctx, root)
	if report.Usable {
		report.Findings = append(report.Findings, a.probeNames(ctx, root)...)
	}
	said := doctorTable(&report)
	if asJSON {
		doc, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return fmt.Errorf("encode what was found: %w", err)
		}
		said = escapeInvisible(string(doc)) + "\n"
	}
	if _, err := a.stdout.Write([]byte(said)); err != nil {
		return fmt.Errorf("print what was found: %w", err)
	}
	if !report.Usable {
		return &endError{End{Status: exitError}}
	}
	return nil
}

// doctorTable returns the findings as text: a line for each, with two more below those that do not work.
func doctorTable(report *probe.Report) string {
	var out strings.Builder
	say := func(format string, args ...any) {
		for i, arg := range args {
			if s, ok := arg.(string); ok {
				args[i] = text.Clean(s)
			}
		}
		fmt.Fprintf(&out, format, args...)
	}
	say("nstui %s, Linux %s, uid %d, proc at %s\n", shortVersion(), report.Kernel, report.UID, report.Root)
	name, tried := 0, 0
	for _, f := range report.Findings {
		name, tried = max(name, text.Width(text.Clean(f.Name))), max(tried, text.Width(text.Clean(f.Tried)))
	}
	area := ""
	failed := 0
	for _, f := range report.Findings {
		if f.Area != area {
			area = f.Area
			say("\n%s\n", area)
		}
		say("  %s  %s  %s  %s\n", string(f.State), text.Pad(text.Clean(f.Name), name), text.Pad(text.Clean(f.Tried), tried), f.Answer)
		if f.State == probe.OK {
			continue
		}
		failed++
		say("        instead: nstui %s\n", f.Instead)
		say("        to do:   %s\n", f.Advice)
	}
	switch {
	case !report.Usable:
		say("\nnstui cannot list the processes of %s\n", report.Root)
	case failed == 0:
		say("\neverything works\n")
	default:
		say("\n%d of %d do not work; nstui does without them as said above\n", failed, len(report.Findings))
	}
	return out.String()
}
