package cli

import (
	"runtime"
	"runtime/debug"
)

// release is set by packagers: go build -ldflags "-X nstui/ui/cli.release=v1.2.3".
var release string

// Version returns the version of the program with that of Go and the platform, in one line.
func Version() string {
	return shortVersion() + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// shortVersion returns the release, else the version of the module, else the commit, else "devel".
func shortVersion() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	const shown = 12 // characters of a commit, as in Go's pseudo-versions
	commit := settings["vcs.revision"]
	if commit == "" {
		return "devel"
	}
	version := "devel-" + commit[:min(shown, len(commit))]
	if settings["vcs.modified"] == "true" {
		version += "+dirty"
	}
	return version
}
