package cli

// enterHelp is what nstui enter --help prints. nsenter's own words are in its manual; here is what to
// type, and what is different.
const enterHelp = `NAME
  nstui enter - run a program in namespaces of other processes

SYNOPSIS
  nstui enter [options] [program [argument...]]

  The options are those of nsenter(1): in a script, "nstui enter" can stand for "nsenter".
  Without a program, a login shell is run: $SHELL, else the one of the user's account.
  Options end at the first word that is none, or at --.

TARGET
  -t, --target TARGET    what to take namespaces from:
       4183              the process with this pid
       4183:6129         the same, if its inode number in pidfs is this (Linux 6.9)
       web               the container or pod of this name, else the unit web.service, else the
                         process; also a container whose ID begins so (4 digits); if nothing
                         is called so, the compose project or namespace of Kubernetes that is
       container:web     a container; also docker:web, lxc:web, a service of compose; needed
                         where the name or the start of the ID is a number
       pod/kube-system/coredns
                         a pod, also without its namespace; as what made it is called will
                         do; pod/kube-system/coredns/proxy is one container of it
       compose:shop      the containers of a compose project; compose:shop/db of a service
       k8s:kube-system   the containers of all pods in a namespace of Kubernetes
       unit:nginx        the process of a systemd unit; .service need not be written
       netns:blue        the network namespace /run/netns/blue of ip-netns(8)
       ns:4026532571     the namespace with this inode number, of any kind; the process that
                         stands for it gives what else is asked for; one without processes
                         is entered by what keeps it: a mount, a descriptor, a thread, or a
                         socket, whose process then stands for it
  Of a container that is its first process. Of a pod with several containers no more can be
  asked for than what they have in common, such as -n, and of one without processes only -n.
  What root or you call so comes before what others do; a note tells of their containers.
  Workers are not counted beside the process that started them and whose namespaces they
  share, nor what a unit has started beside the process that is called as it is. If a name
  still fits several processes or containers, they are listed, and nothing is run. The
  daemons of Docker and podman are asked for a second at most, and only for a name that no
  container or unit has; if one does not tell, a note says so.

NAMESPACES
  -a, --all              all that the kernel has and the target does not share with you
  -m, --mount[=FILE]     mount namespace
  -u, --uts[=FILE]       hostname and domain name
  -i, --ipc[=FILE]       System V IPC and POSIX message queues
  -n, --net[=FILE]       network
  -p, --pid[=FILE]       process ids
  -C, --cgroup[=FILE]    cgroup
  -U, --user[=FILE]      users and capabilities
  -T, --time[=FILE]      clocks
  -N, --net-socket FD    network namespace of the target's socket with this descriptor
      --user-parent      the user namespace above the target's
  A FILE must be glued to its option: -n/run/netns/blue, --net=/run/netns/blue. So -mn is
  the mount namespace of a file called n, not two options.
  netns: and ns: need none of these: the kind they name is entered.

USER AND RIGHTS
  -S, --setuid UID       run with this uid, or "follow" for that of the target
  -G, --setgid GID       run with this gid, or "follow"; supplementary groups are dropped
      --preserve-credentials
                         keep the ids you have
      --keep-caps        keep the capabilities the user namespace gives
      --confined         drop what the target does not have: capabilities, new privileges;
                         join its cgroup and take its security label
  In a user namespace the program runs as root where root is mapped, else with the ids of
  the target where those are.
  -c, --join-cgroup      join the cgroup of the target
  -Z, --follow-context   take the security label of the target

PLACE
  -r, --root[=DIR]       root directory: DIR, else that of the target
  -w, --wd[=DIR]         working directory: DIR, else that of the target; opened before
                         anything is entered
  -W DIR, --wdns=DIR     working directory, looked up after all is entered
  -e, --env              the environment of the target; with your files without what would
                         decide what your programs do: PATH, SHELL, HOME, LD_PRELOAD...
  -F, --no-fork          do not fork; only children of the program are in the pid namespace
      --tools=host       programs of this host, with the target's resolv.conf, hosts, /sys
                         and /proc around them; the mount namespace is not entered
      --tools=busybox    for targets without a shell: that of a static busybox of this host,
                         in the target's root directory; no program can be named then
      --tools=tree       programs of this host: its whole tree is mounted in a private copy
                         of the target's mount namespace, with the target's files in it
      --pty              a terminal of its own, shown on yours: the program cannot type into
                         yours, and tty(1) and sudo(8) find it. A shell in a mount namespace
                         gets one by itself
      --no-pty           your terminal, as with nsenter
      --record FILE      with --pty, which it implies: what is printed there goes to FILE, too,
                         in version 2 of the format of asciinema; FILE must not exist

OTHER
      --dry-run          print what would be done and why, and run nothing
      --json             with --dry-run: as JSON
  -h, --help             print this help and exit
  -V, --version          print the version and exit
  Long options may be cut short as long as they fit one: --targ, --us.

JSON
  One object: version (1), ready, target (pid, start, comm, uid, gid, and container: name,
  runtime, id, image, and pod: name, namespace, uid, or null; or null; or null), kinds (eight
  of kind, state, target, mine, source, reason), credentials (uid, gid, name: as they are
  inside), program, shells (tried in this order if there is no program), root, directory
  (empty: yours), checks (level, text), command (the same for nsenter, empty if there is
  none). A state is one of shared, off, enter, added, refused, missing; a level one of ok,
  note, warn, fail; a root one of host, namespace, target, source (of the process the mount
  namespace is from), given, tree (--tools=tree). In kinds, target and mine are inode
  numbers, 0 where not known. While version stays, fields are only added.

EXIT STATUS
  That of the program. If a signal ended it, nstui ends by the same signal.
  1    the command line makes no sense, or a namespace could not be entered
  126  the program is there but could not be executed
  127  the program was not found
  With --dry-run: 0 if it could be run, else 1.

ENVIRONMENT
  SHELL  the shell that is run if no program is named
  PATH   where a program without a slash in its name is looked for, after all is entered

EXAMPLES
  nstui enter -t nginx -n ss -ltn         listening sockets, with ss(8) of this host
  nstui enter -t 4183 -a                  a shell in everything
  nstui enter -t web -n ip addr           the network of the container web
  nstui enter -t pod/kube-system/coredns -n ss -lun
  nstui enter -t netns:blue ip addr
  nstui enter -t ns:4026532571 ip route
  nstui enter -t unit:postgresql -m -- ls -l /tmp
  nstui enter -t 4183 -a --dry-run        which kinds are entered, and why not the others
`
