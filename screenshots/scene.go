package main

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nstui/screenshots/picture"
	"nstui/test/drive"
	"nstui/ui/term"
)

// scene is a picture: how nstui is started, and what is typed until it is to be taken.
type scene struct {
	name string
	size term.Size
	uid  int
	args func() ([]string, error)
	play func(ctx context.Context, p *drive.Program) error
}

// patience is how long a picture may take.
const patience = time.Minute

var scenes = []scene{
	{name: "browser", size: term.Size{W: 120, H: 36}, args: onNginx, play: browse},
	{name: "picker", size: term.Size{W: 120, H: 36}, args: onNginx, play: pick},
	{name: "shell", size: term.Size{W: 120, H: 36}, args: onNginx, play: enter},
	{name: "side", size: term.Size{W: 160, H: 45}, args: onNginx, play: sideBySide},
	{name: "containers", size: term.Size{W: 120, H: 36}, args: onNet, play: listContainers},
	{name: "coredns", size: term.Size{W: 120, H: 36}, args: onNet, play: enterPod},
	{name: "kept", size: term.Size{W: 120, H: 36}, args: onNet, play: lookAtBlue},
	{name: "unprivileged", size: term.Size{W: 80, H: 24}, uid: ana, args: onNet, play: firstRun},
}

// names returns the names of the pictures.
func names() []string {
	var list []string
	for _, s := range scenes {
		list = append(list, s.name)
	}
	return list
}

// onNet opens on the network namespaces.
func onNet() ([]string, error) { return []string{"--kind", "net"}, nil }

// onNginx opens on the web server.
func onNginx() ([]string, error) {
	pid, err := pidOf("nginx")
	return []string{"--kind", "net", "--pid", strconv.Itoa(pid)}, err
}

func browse(ctx context.Context, p *drive.Program) error {
	return errors.Join(p.WaitText(ctx, "live"), p.WaitText(ctx, "nginx: wor"), p.WaitText(ctx, "CAP_SYS_ADMIN"))
}

func pick(ctx context.Context, p *drive.Program) error {
	if err := browse(ctx, p); err != nil {
		return err
	}
	return errors.Join(p.Send("s"), p.WaitText(ctx, "Enter namespaces of"), p.WaitText(ctx, "Same as"))
}

func enter(ctx context.Context, p *drive.Program) error {
	if err := browse(ctx, p); err != nil {
		return err
	}
	if err := errors.Join(p.Send("n"), p.WaitText(ctx, "root@build-07")); err != nil {
		return err
	}
	return errors.Join(p.Send("ip addr; ip route"+drive.Enter), p.WaitText(ctx, "inet 172.17.0.3/16"), p.WaitText(ctx, "default via"))
}

// sideBySide has the list beside two shells, of which the one in the background goes on printing.
func sideBySide(ctx context.Context, p *drive.Program) error {
	if err := enter(ctx, p); err != nil {
		return err
	}
	then := drive.Prefix
	return errors.Join(
		p.Send("while sleep 1; do date; done"+drive.Enter+then+"|"), p.WaitText(ctx, "the shell has the keys"),
		p.Send(then+drive.Left), p.WaitText(ctx, "the list has the keys"),
		p.Send("n"), p.WaitText(ctx, "[2:nginx net"),
		p.WaitText(ctx, "1:nginx net*"), p.WaitText(ctx, "root@build-07"),
		p.Send("ip -br addr; ss -ltn"+drive.Enter), p.WaitText(ctx, "172.17.0.3/16"), p.WaitText(ctx, "State"),
	)
}

// listContainers shows the containers, with the cursor on the web server.
func listContainers(ctx context.Context, p *drive.Program) error {
	return errors.Join(
		p.WaitText(ctx, "live"), p.Send("c"), p.WaitText(ctx, "kube-system/coredns"), p.WaitText(ctx, "redis:7.4"),
		p.Send("jj"), p.WaitText(ctx, "containers › nginx"), p.WaitText(ctx, "CAP_SYS_ADMIN"),
	)
}

// enterPod finds the pod, enters its network and asks for its addresses: three actions.
func enterPod(ctx context.Context, p *drive.Program) error {
	return errors.Join(
		p.WaitText(ctx, "2 coredns"),
		p.Send("/coredns"+drive.Enter), p.WaitText(ctx, "› 5052 coredns"),
		p.Send("n"), p.WaitText(ctx, "INSIDE kube-system/coredns"), p.WaitText(ctx, "root@build-07"),
		p.Send("ip addr"+drive.Enter), p.WaitText(ctx, "inet 172.17.0.6/16"),
		p.WaitFor(ctx, "the next prompt", func(v drive.View) bool {
			return strings.Count(strings.Join(v.Lines(), "\n"), "root@build-07") == 2
		}),
	)
}

// lookAtBlue goes to the network namespace no process is in.
func lookAtBlue(ctx context.Context, p *drive.Program) error {
	blue, err := os.Stat("/run/netns/blue")
	if err != nil {
		return err
	}
	inode := blue.Sys().(*syscall.Stat_t).Ino
	return errors.Join(
		p.WaitText(ctx, "netns:blue"), p.Send(fmt.Sprintf(":ns %d%s", inode, drive.Enter)),
		p.WaitText(ctx, "KEPT BY"), p.WaitText(ctx, "mount /run/netns/blue"),
	)
}

func firstRun(ctx context.Context, p *drive.Program) error {
	return errors.Join(p.WaitText(ctx, "live"), p.WaitText(ctx, "refused"))
}

// takeAll takes the pictures with the names, or all, dark and light.
func takeAll(ctx context.Context, folder *os.Root, names []string) error {
	for _, s := range scenes {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		for theme, palette := range map[string]*picture.Palette{"dark": &picture.Dark, "light": &picture.Light} {
			if err := s.take(ctx, folder, theme, palette); err != nil {
				return fmt.Errorf("%s, %s: %w", s.name, theme, err)
			}
		}
	}
	return nil
}

// take plays the scene and draws its last moment.
func (s *scene) take(ctx context.Context, folder *os.Root, theme string, palette *picture.Palette) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args, err := s.args()
	if err != nil {
		return err
	}
	home := "/root"
	opts := drive.Options{
		// Named, since the terminal's answer may come after the picture.
		Args:     append(args, "--theme", theme),
		Size:     s.size,
		Terminal: term.Options{Foreground: told(palette.Text), Background: told(palette.Ground)},
	}
	if s.uid != 0 {
		home = "/home/ana"
		opts.Credential = &syscall.Credential{Uid: uint32(s.uid), Gid: uint32(s.uid)}
	}
	opts.Dir = home
	opts.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "HOME=" + home, "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	p, err := drive.Start("nstui", opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := s.play(ctx, p); err != nil {
		return err
	}
	return save(folder, s.name+"-"+theme+".png", p, palette)
}

// told is a colour as a terminal tells it to programs that ask.
func told(c color.RGBA) term.RGB { return term.RGB{R: c.R, G: c.G, B: c.B} }

// save draws the screen into a file.
func save(folder *os.Root, file string, p *drive.Program, palette *picture.Palette) (err error) {
	out, err := folder.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	p.Look(func(v drive.View) {
		img, drawErr := picture.Draw(v, palette)
		if drawErr != nil {
			err = drawErr
			return
		}
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		err = encoder.Encode(out, picture.Quantize(img))
	})
	return err
}
