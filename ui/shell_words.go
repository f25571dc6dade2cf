package ui

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// whereWords say where the shell is, from all there is to say to the least that must not be missing.
func (s *shell) whereWords(m *Model) []line {
	who, name := s.entry.who(), s.entry.name
	word := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, "")) }
	var over line // what happened to the target
	if m.targetEnded(s) {
		over = line{{theme.Inside, " "}, {theme.Warn, " target ended "}}
	}
	switch {
	case s.err != nil:
		return []line{word("NOT INSIDE ", who), word("NOT INSIDE ", s.entry.name)}
	case s.plan == nil:
		return []line{word("ENTERING ", who), word("ENTERING ", s.entry.name)}
	}
	from, only := s.sources()
	if only {
		who, name, from = from, from, ""
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	inside, host := s.plan.Join, ^s.plan.Join&ns.All
	names := func(set ns.Set) string {
		if set == 0 {
			return "nothing"
		}
		return set.String()
	}
	short := strings.ReplaceAll(inside.Letters(), "-", "")
	cgroup := ""
	if p := m.world.find(procIDOf(s.entry.ref)); p != nil && !only && !s.entry.owned && p.Cgroup != "" && p.Cgroup != "/" {
		cgroup = " " + m.paint.Glyphs.Dot + " " + strings.TrimPrefix(p.Cgroup, "/")
	}
	all, insideNames := "INSIDE "+who, names(inside)
	if from != "" {
		insideNames += " (" + from + ")"
		short += " (" + from + ")"
	}
	hostShort := strings.ReplaceAll(host.Letters(), "-", "")
	if inside == 0 {
		return []line{
			word("NOT INSIDE ", who, sep, "a shell in your own namespaces"),
			word("NOT INSIDE ", s.entry.name, sep, "your own namespaces"),
			word("NOT INSIDE ", s.entry.name),
		}
	}
	return []line{
		slices.Concat(word(all, cgroup), over, word(sep, insideNames, sep, "STILL HOST: ", names(host))),
		slices.Concat(word(all), over, word(sep, insideNames, sep, "STILL HOST: ", names(host))),
		slices.Concat(word(all), over, word(sep, insideNames, sep, "STILL HOST: ", hostShort)),
		slices.Concat(word(all), over, word(sep, short, sep, "STILL HOST: ", hostShort)),
		slices.Concat(word("INSIDE ", short, sep, "HOST ", hostShort), over, word(sep, name)),
	}
}

// targetEnded reports whether the process whose namespaces a shell is in is known to have ended. The shell goes
// on, and keeps them.
func (m *Model) targetEnded(s *shell) bool {
	if s.plan == nil || s.entry.ref.PID == 0 || m.world == nil || m.world.snap.Part {
		return false
	}
	if _, only := s.sources(); only { // it is in none of them
		return false
	}
	p := m.world.find(procIDOf(s.entry.ref))
	return p == nil || p.ended || p.Zombie()
}

// sources says which namespaces are not the picked process's own: "net of process 6046". only says that none
// is, and that all are from one place, which is returned alone.
func (s *shell) sources() (from string, only bool) {
	var parts, places []string
	for _, k := range s.plan.Join.Kinds() {
		source := s.plan.Kinds[k].Source
		if !slices.Contains(places, source) {
			places = append(places, source)
		}
		if source != "" {
			parts = append(parts, k.String()+" of "+source)
		}
	}
	if len(places) == 1 && places[0] != "" {
		return places[0], true
	}
	return strings.Join(parts, ", "), false
}

// footWords say what the shell is and which keys there are.
func (v *shellView) footWords(m *Model, s *shell) []line {
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	var facts []string
	if argv := s.argv(); len(argv) > 0 {
		facts = append(facts, strings.Join(argv, " "))
	}
	if s.session != nil {
		facts = append(facts, strconv.Itoa(s.session.PID()))
	}
	what := strings.Join(facts, " ")
	until := m.now()
	if s.done() {
		until = s.over
	}
	age := clock(until.Sub(s.began))
	prefix := m.config.Prefix
	say := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, sep)) }
	if t := m.toasts.current(); t != nil && !m.shells.pending && m.keysToShell() {
		return []line{say(t.text)}
	}
	if bar, ok := m.top().(footBar); ok {
		return m.barWords(bar)
	}
	switch {
	case !m.keysToShell():
		return m.asideWords(s, what, age)
	case m.shells.pending:
		return m.shellMenu()
	case s.scroll != nil:
		return s.scroll.words(m, s)
	case s.err != nil:
		more := ""
		if s.tools != nil {
			more += "h other tools   "
		}
		if nsenter.Left(s.err) && m.other(&s.entry) != nil {
			more += "o other process   "
		}
		return []line{
			say("enter, q back   " + more + "r run again   y copy the reason"), say("enter, q back   " + more + "r again"),
			say("enter, q back"), say("enter back"),
		}
	case s.ended != nil:
		end := s.ended.String()
		return []line{
			say(what+ended(s.ended)+" after "+age, "enter, q back   r run again   y copy"),
			say(what+ended(s.ended), "enter, q back   r again   y copy"),
			say(end, "enter, q back   r again   y copy"),
			say(end, "enter back   r again"),
			say(end, "enter back"),
			say("enter back"),
		}
	case s.stopped:
		return []line{say(what+" is stopped by a signal", prefix+" r lets it go on"), say("stopped", prefix+" r lets it go on")}
	}
	return append(m.runWords(s, what, age), say(prefix+" then  d back  x kill  ? keys"), say(prefix+" d back"))
}

// asideWords say how a shell beside the list is while the list has the keyboard, and how it gets it.
func (m *Model) asideWords(s *shell, what, age string) []line {
	word := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, "")) }
	keys := " " + m.paint.Glyphs.Heavy.Top + " the list has the keys: " + m.config.Prefix + " right comes here"
	short := "the list has the keys"
	switch {
	case s.session == nil:
		return []line{word(short)}
	case s.ended != nil:
		return []line{word(what, ended(s.ended), " after ", age, keys), word(s.ended.String(), keys), word(short)}
	case s.stopped:
		return []line{word(what, " is stopped by a signal", keys), word("stopped", keys), word(short)}
	}
	dot := " " + m.paint.Glyphs.Dot + " "
	who := identityWords(s.plan, dot)
	return []line{
		slices.Concat(word(what), who, word(dot, age, keys)), slices.Concat(word(what), who, word(keys)), word(what, keys), word(short),
	}
}

// runWords say how a running shell runs, and which keys there are: from all there is to say to the least.
func (m *Model) runWords(s *shell, what, age string) []line {
	dot := " " + m.paint.Glyphs.Dot + " "
	word := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, "")) }
	var who, view, brief line
	if s.plan != nil {
		who = identityWords(s.plan, dot)
		view, brief = s.viewWords(dot)
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	prefix := m.config.Prefix
	long := word(sep, prefix, " then  d back   c new   [ scroll   y copy   x kill   ? keys")
	middle := word(sep, prefix, " then  d back  [ scroll  y copy  x kill  ? keys")
	tight := word(sep, prefix, " d back  [ scroll  y copy  x kill  ? keys")
	short := word(sep, prefix, " then  d back  x kill  ? keys")
	clock, shell := word(dot, age), word(s.shellName())
	var wordings []line
	for _, parts := range [][]line{
		{word(what), who, view, clock, long},
		{word(what), who, view, clock, middle},
		{word(what), who, brief, clock, middle},
		{word(what), who, brief, clock, tight},
		{word(what), who, brief, tight},
		{word(what), who, clock, middle},
		{word(what), who, clock, tight},
		{word(what), who, tight},
		{shell, who, tight},
		{shell, who, short},
		{shell, who, word(sep, prefix, " ? keys")},
		{shell, who},
	} {
		wordings = append(wordings, slices.Concat(parts...))
	}
	return wordings
}

// argv is what runs, or as long as nothing does what is tried first.
func (s *shell) argv() []string {
	switch {
	case s.session != nil:
		return s.session.Shell()
	case s.plan != nil && len(s.plan.Shells) > 0:
		return s.plan.Shells[0]
	}
	return nil
}

// shellName is what runs, in short: "bash".
func (s *shell) shellName() string {
	if argv := s.argv(); len(argv) > 0 {
		return path.Base(argv[0])
	}
	return ""
}

// viewWords say what of the target is mounted around the host's tools: all of it, and in short.
func (s *shell) viewWords(dot string) (all, brief line) {
	var l line
	switch {
	case s.session == nil:
		return nil, nil
	case len(s.session.Missed()) > 0:
		l = line{{theme.Inside, dot}, {theme.Warn, " not all of its view "}}
		return l, l
	case s.plan.Tree.At != "":
		l = say(theme.Inside, dot+"its files in "+s.plan.Tree.Target)
		return l, l
	case !s.plan.View.Any():
		return nil, nil
	}
	return say(theme.Inside, dot+"with its "+s.plan.View.String()), say(theme.Inside, dot+"with its "+briefView(s.plan.View))
}

// briefView names what is mounted, and only counts the files.
func briefView(v nsenter.View) string {
	n := len(v.Files)
	if n < 2 {
		return v.String()
	}
	v.Files = nil
	return fmt.Sprintf("%s, %d files", v.String(), n)
}

// identityWords name who a shell runs as, and what is between it and the host.
func identityWords(plan *nsenter.Plan, dot string) line {
	name := plan.As.Name
	if name == "" {
		name = fmt.Sprintf("uid %d", plan.As.UID)
	}
	switch {
	case plan.Confined:
		return line{{theme.Inside, dot + name + dot}, {theme.Good, " confined "}}
	case plan.As.OutUID == 0 && !plan.Join.Has(ns.User):
		return line{{theme.Inside, dot}, {theme.Warn, " as host root "}}
	}
	return say(theme.Inside, dot+name)
}

// clock returns a duration as hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int(max(0, d).Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// shellTitle says where one is, for the tabs and bars of the terminal around; "" outside of shells.
func (m *Model) shellTitle() string {
	s := m.shellShown()
	if s == nil || s.plan == nil {
		return ""
	}
	kinds := strings.Join(strings.Split(strings.ReplaceAll(s.plan.Join.Letters(), "-", ""), ""), " ")
	name := s.entry.name
	if pid := s.entry.ref.PID; pid != 0 && !s.entry.owned {
		name += " " + strconv.Itoa(pid)
	}
	return text.Clean(fmt.Sprintf("%s [%s]", name, kinds))
}
