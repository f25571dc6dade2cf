package procscan

import (
	"testing"

	"nstui/procscan/ns"
)

func TestLeader(t *testing.T) {
	const here, there = 100, 200
	type member struct {
		pid, ppid int
		start     uint64
		state     byte
		net       uint64
	}
	tests := []struct {
		name    string
		members []member
		want    int
	}{
		{"alone", []member{{5, 1, 9, 'S', here}}, 5},
		{"parent before child", []member{{5, 1, 9, 'S', here}, {6, 5, 10, 'S', here}}, 5},
		{"parent with the higher pid", []member{{5, 6, 9, 'S', here}, {6, 1, 9, 'S', here}}, 6},
		{"child whose parent is elsewhere", []member{{4, 1, 1, 'S', there}, {5, 4, 9, 'S', here}, {6, 5, 10, 'S', here}}, 5},
		{"the oldest of those that came in", []member{{5, 1, 30, 'S', here}, {6, 1, 20, 'S', here}, {7, 1, 20, 'S', here}}, 6},
		{"old child of a young parent", []member{{5, 6, 1, 'S', here}, {6, 1, 50, 'S', here}}, 6},
		{"zombie on top", []member{{5, 1, 1, 'Z', here}, {6, 5, 10, 'S', here}}, 6},
		{"zombies only", []member{{5, 1, 3, 'Z', here}, {6, 1, 2, 'X', here}}, 6},
		{"its own parent", []member{{5, 5, 3, 'S', here}}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var procs []*Process
			for _, m := range test.members {
				procs = append(procs, &Process{
					PID: m.pid, PPID: m.ppid, Start: m.start, State: m.state,
					NS: ns.Tuple{ns.Net: m.net},
				})
			}
			list := group(procs, nil)[ns.Net]
			if got := procs[list[0].Leader].PID; list[0].ID.Ino != here || got != test.want {
				t.Errorf("the leader of %v is %d, want %d", list[0].ID, got, test.want)
			}
		})
	}
}

func TestMembersDoNotShareRoom(t *testing.T) {
	procs := []*Process{{PID: 1, NS: ns.Tuple{ns.Net: 1}}, {PID: 2, NS: ns.Tuple{ns.Net: 2}}}
	list := group(procs, nil)[ns.Net]
	_ = append(list[0].Members, 99)
	if list[1].Members[0] != 1 {
		t.Error("appending to the members of one namespace changes those of the next")
	}
}
