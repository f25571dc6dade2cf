package cli

// lsHelp is what nstui ls --help prints. lsns(8) has its own words; here is what to type, and what is
// different.
const lsHelp = `NAME
  nstui ls - list namespaces

SYNOPSIS
  nstui ls [options] [namespace|name]

  The options, columns and formats are those of lsns(8): in a script, "nstui ls" can stand
  for "lsns". With the inode number of a namespace, its processes are listed; with a name,
  those that belong to it: unit:docker.service, container:web, pod/kube-system/coredns,
  compose:shop, k8s:default, as behind nstui enter -t. A unit has the containers below it.

WHAT
  -t, --type KIND        only this kind: cgroup, ipc, mnt, net, pid, time, user or uts; may
                         be given several times
  -p, --task PID         only the namespaces of this process
  -P, --persistent       only namespaces no process is in
      --containers       containers and pods in place of namespaces; see below
  -Q, --filter EXPR      only lines of which this is true: 'TYPE == "net" && NPROCS > 10'.
                         Columns, "text", numbers (4K is 4096); == != < <= > >= or eq ne lt
                         le gt ge; =~ !~ match a regular expression; ! && || or not and or;
                         ( ). && and || bind alike, from left to right
      --proc ROOT        where proc is mounted; /host/proc in a container
      --watch[=PAUSE]    print changes until interrupted, looking every second or PAUSE;
                         goes with -J, -n, -t, -p, -Q, --proc and -o +LIST, which adds
                         columns of names such as CONTAINER

HOW
  -o, --output LIST      these columns, apart by commas; +LIST: besides those there are
      --output-all       all columns
  -H, --list-columns     list the columns there are
  -T, --tree[=BY]        tree by owner (if none is named), parent or process
  -l, --list             no tree. Without it, lists are trees of processes
  -J, --json             JSON; see below
  -r, --raw              one space between cells; space, \ and what is not printable ASCII
                         as \xHH
  -n, --noheadings       no headings
  -u, --notruncate       do not cut cells to the width of the terminal
  -W, --nowrap           several values of a cell on one line, apart by commas
  -h, --help             print this help and exit
  -V, --version          print the version and exit
  Long options may be cut short as long as they fit one: --out, --tas.

COLUMNS
  Beside those of lsns(8):
  KEPTBY                 what keeps the namespace alive: "process 4183", "2 more
                         processes", "thread 12 of 10", "next child of 10", "fd 5 of 10",
                         "socket 7 of 12", "mount /run/netns/blue", with "in mnt:[...]" or
                         "in another mnt" if it is mounted where you do not see it,
                         "child user:[...]", "owns net:[...]". Of each sort three are named
                         and the rest counted, up to some dozens
  OWNERUID               uid of the owner of the user namespace it belongs to, as it is here
  LEVEL                  how many user or pid namespaces are above it
  NSID                   64-bit number no other namespace ever gets (Linux 6.18)
  CONTAINER              containers and pods the namespace is for, or the process belongs
                         to: "web", "kube-system/coredns-5d78", "docker:kind-node > web".
                         A namespace of the host is for none of them
  RUNTIME, IMAGE, CID    what made them, their images, their IDs
  POD, K8SNS             their pods, and the namespaces of Kubernetes these are in
  PROJECT, SERVICE       of compose
  UNIT                   unit of systemd it is for, or the process belongs to
  NETNS                  names ip-netns(8) gave the network namespace
  These ten are lists. In a filter what is true of one value is true of the list:
  'CONTAINER == "web"'; != and !~ must be true of all. For names that are in no file the
  daemons of Docker and podman are asked, which may take a second. The host's namespaces
  are for nobody: nstui ls unit:NAME lists what is in a unit that shares them.

  With --containers there is a line for each container. -H lists the columns, such as
  SHARES, which says what it has in common with whom ("host net", "net with web"),
  and NETNS, MNTNS..., the inode numbers of its namespaces. OWN are the letters of
  nsenter(1) of the kinds in which it is not in the host's, ? where that is not known.
  A terminal shows as much of NAME, SHARES, IMAGE and CGROUP as it has room for: their
  beginnings and ends, with … (~ in ASCII) between. Goes with -o, -Q, -J, -r, -n, -u, -W
  and --proc.

  More namespaces are found than by lsns: those held by threads, and those that are mounted
  in any mount namespace of the host. UID and USER of a namespace without processes are
  those of its owner. NSFS is where it is mounted as you see it. What of a command a
  terminal would obey, or could not draw, is written as \xHH.

JSON
  One object, "namespaces": an array of objects with the columns asked for, by their names
  in lower case. ns, nprocs, pid, ppid, uid, pns, ons, owneruid, level and nsid are numbers,
  keptby and the ten lists are arrays of strings, the others are strings; what is empty or
  not known is null, of arrays [] (pns and ons: 0). With --containers the array is
  "containers".
  In a tree, an object has its "children" in an array of that name.
  LIBSMARTCOLS_JSON=compact writes all of it on one line, LIBSMARTCOLS_JSON=lines one object
  a line. Columns are only added, types stay.

  With --watch each line is an object: time (RFC 3339), what, pid, ppid, uid, command, type,
  from, to; null where it does not apply; and the lists container, unit and those of -o, of
  the process or else of the namespace. what is one of watching (the first, when what is
  there has been read), born, gone, exec, moved (one line for each kind: from and to are
  inode numbers), and of namespaces appeared and vanished, with a process that is in it.

EXIT STATUS
  0    what was asked for has been listed. A list is one of what may be seen: that other
       processes refused to be read is said on standard error
  1    something asked for could not be read: the process of -p, the namespace, or anything
       at all; or nobody has the name; or the command line makes no sense
  2    owners or parents were asked for, and this kernel cannot tell them (before Linux 4.9)
  --watch ends with 128 and the number of the signal that ended it.

ENVIRONMENT
  LC_ALL, LC_CTYPE, LANG trees are drawn in ASCII unless the locale is one of UTF-8
  COLUMNS                width of terminals that do not tell theirs

EXAMPLES
  nstui ls -t net -o +KEPTBY              network namespaces and why they live
  nstui ls -P                             namespaces no process is in
  nstui ls -T -o NS,TYPE,PID,COMMAND      who owns what
  nstui ls -n -r -o NS,PID -t mnt         for scripts
  nstui ls -J -l -Q 'COMMAND =~ "nginx"' | jq '.namespaces[].ns'
  nstui ls 4026532571                     processes in a namespace
  nstui ls unit:docker.service            processes of a unit
  nstui ls -t net -o +CONTAINER,IMAGE     network namespaces and whose they are
  nstui ls --containers -Q 'SHARES =~ "^host.* net"'
  nstui ls --watch -t net -J              who enters which network namespace, and when
`
