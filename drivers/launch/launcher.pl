#!/usr/bin/perl
# The launcher: starts an agent's processes, signals them, and remembers how they ended. It outlives the agent.
#
#   perl launcher.pl DIR [BOOT_ID_FILE [COMPACT_AT]]    DIR holds launcher.sock, launcher.record, launcher.lock
#
# It needs nothing but the perl interpreter (Debian's perl-base), which can make itself the subreaper of its tasks, so that a
# daemon which forks twice comes back to it.
#
# One line is one message; fields are parted by tabs; % TAB LF CR and NUL inside a field are written %XX.
#   hello                      → hello VERSION BOOT_ID PID
#   spawn ID key=value …       → started ID PID START | failed ID STAGE ERRNO TEXT
#       file= executable, arg= each argument (first is the name), env= each NAME=VALUE, cwd= out= err= paths, user= name or uid, notroot=1 when that may not be root,
#       max= keep= rotation (bytes, old files), rlimit=NUMBER:SOFT:HARD, mkdir= each cgroup folder, write=PATH VALUE, join= each
#       cgroup.procs, devices=FOLDER PROGRAM for those of version 2 (devices.pl), kill= the folder of this container alone, oom= and peak= the files that tell memory kills and the peak,
#       shared=1 when other containers are counted in that file too; mounts=1 for a mount namespace of its own, in which each mount=
#       is carried out (parts parted by NUL: mount TYPE SOURCE TARGET FLAGS DATA, or unmount TARGET), and each arrange= after it (as in arrange.pl, parted by NUL); stdin= a path, else /dev/null;
#       terminal=1 when that is the terminal of all three; owner=UID:GID to whom out and err are given; pidfile= when the command is
#       an OCI runtime that leaves a container's first process behind and its pid there, log= what it says when it fails; bound= seconds after
#       which a start that hangs is given up, stage machine
#   signal ID NUMBER leader|group|all
#   destroy ID                 kills every descendant; the exit follows
#   exits N                    → exit N ID PID START STATUS OOM_KILLS PEAK WHY, each unacknowledged one above N, then each new one
#   ack N …                    these exits are stored by the client and may be forgotten
#   list                       → task ID PID START … then listed COUNT; PID and START are 0 when it is only starting
#   sweep FOLDER               kills whoever is left in a cgroup folder of a container that nobody knows, and removes it
#   fifo PATH                  → made PATH ERRNO TEXT; errno 0: it is there, mode 0600
#   ping TAG                   → pong TAG
#   stop                       ends the launcher if no task runs, else error
# STATUS is waitpid's number or "lost", then WHY is "launcher died" or "machine restarted". What is not an answer to the asker
# goes to the client that asked for exits last; so does: disk ok | disk TEXT. A malformed line is answered by: error TEXT.
#
# Its parts stand beside it: spawner.pl (a small process that makes the children), clients.pl (the socket), kin.pl (who belongs to a
# container), user.pl (whose rights it has), runtime.pl (runtimes that come and go), patience.pl (starts that hang, what is left over), record.pl (what must survive),
# watch.pl (bounded logs, broken memory limits);
# room.pl (mounts, terminals) and devices.pl are the spawner's. All are read once, at the start.
#
# Order of safety: a child writes its pid and start time into the record before exec, and does not go on if the launcher is
# gone by then; an exit is told once its record is on the disk (one fdatasync, asynchronous, for all exits of a turn). A record that is
# only written survives the launcher, and a power cut ends the tasks anyway, so starts need no sync of their own.
use strict;
use warnings;

my $parts;
BEGIN {
  ($parts) = $0 =~ m{^(/.*)/} or die "call it by its absolute path\n";
  die "usage: perl launcher.pl DIR [BOOT_ID_FILE]\n" unless @ARGV;
  require "$parts/spawner.pl";
  chdir $ARGV[0] or die "cannot enter $ARGV[0]: $!\n";
  our ($spawner, $orders, $first_news) = hire();
}

use constant { VERSION => 1, LINE_MAX => 4 << 20, OUT_MAX => 32 << 20, CLIENTS_MAX => 16, HELD_MAX => 64, LATER_MAX => 16, ROTATIONS_MAX => 4 };
use constant { LOOK_SECONDS => 1, SOON_SECONDS => 0.1, IDLE_SECONDS => 10, START_SECONDS => 60, END_SECONDS => 10, DRAIN_SECONDS => 5, DISK_RETRY_SECONDS => 1, ROTATE_RETRY_SECONDS => 10, USER_CACHE_SECONDS => 30 };
use constant { O_RDONLY => 0, O_WRONLY => 1, O_RDWR => 2, O_CREAT => 0100, O_EXCL => 0200, O_TRUNC => 01000, O_APPEND => 02000 };
use constant { ENOENT => 2, EINTR => 4, EAGAIN => 11, EINVAL => 22, ENOSPC => 28, ETIMEDOUT => 110, SIGKILL => 9, WNOHANG => 1 };
use constant { MARK_BASE => 1 << 61 };

our (%NR, $spawner, $orders, $first_news);
our ($DIR, $BOOT_ID_FILE, $COMPACT_AT) = (@ARGV, ('') x 2);
$COMPACT_AT ||= 4 << 20;
our %box;        # id → container: {id pid start state …}; state is waiting, held, pending, working, running, ending, ended
our %leader;     # pid → container, for our own unreaped children only
our %ending;     # id → container whose first process is gone: the rest is being killed, or the exit is not on the disk yet
our %exits;      # number → id of an exit that is told and not acknowledged
our %rotating;   # pid of a copier → [container, out or err]
our %channel;    # pid of a spawner → its news: of the present one, and of a dead one whose children are still under way
our (@look_queue, %client, @unsure, %early, %left);
our ($alive, $held, $runtimes, $last_exit, $look_at, $disk, $turn) = (0, 0, 0, 0, 0, '', 0);
our $now = clock();
our $BOOT = slurp($BOOT_ID_FILE || '/proc/sys/kernel/random/boot_id') || 'unknown';
our ($wanted, $idle_since) = ('', $now);
my $leaving;   # asked to stop, with the last ends still to be written down
my ($signals, $lock, $orders_out, @handler) = (undef, undef, '');
my %ORDERS = (hello => \&hello, signal => \&signal_order, destroy => \&destroy_order, exits => \&exits_order, ack => \&ack, list => \&list, ping => \&ping, stop => \&stop,
  sweep => \&sweep_order, fifo => \&fifo);
# Fields of a spawn: 1 for the spawner alone, 2 also kept here, 3 kept as a list.
my %FIELDS = (file => 1, arg => 1, env => 1, cwd => 1, rlimit => 1, write => 1, join => 1, mounts => 1, mount => 1, arrange => 1, stdin => 1, devices => 1, terminal => 2, owner => 2, pidfile => 2, log => 2, user => 2, notroot => 2, out => 2, err => 2, max => 2, keep => 2, bound => 2, kill => 2, oom => 2, peak => 2, shared => 2, mkdir => 3);
BEGIN { require "$parts/$_.pl" for qw(clients kin user watch record runtime patience) }

chomp $BOOT;
settle();
load();
listen_here();
# Whoever started us reads this one line; after it nothing of ours depends on the starter.
syswrite STDOUT, "ready\n";
syscall($NR{dup3}, 2, 1, 0);
turn() while 1;

# ---- one turn of the loop ------------------------------------------------------------------------------------------------

sub turn {
  my ($ready, $writable) = ($wanted, '');
  for my $fd (keys %client) { vec($writable, $fd, 1) = 1 if length $client{$fd}{out} }
  vec($writable, fileno $orders, 1) = 1 if length $orders_out;
  my $found = select($ready, $writable, undef, pause());
  $now = clock();
  $turn++;
  if ($found > 0) {
    my $bits = unpack 'b*', $ready;
    for (my $fd = index $bits, '1'; $fd >= 0; $fd = index $bits, '1', $fd + 1) { my $do = $handler[$fd]; $do->() if $do }
  }
  confirm() if @unsure;
  look_at_adopted();
  look() if $alive && $now >= $look_at;
  clear_leftovers();
  end($_) for grep { !$_->{clean} } values %ending;
  serve_lines();
  send_orders() if length $orders_out;
  commit();
  tell_exits() if %ending;
  flush_client($_) for grep { length $_->{out} } values %client;
  leave() if !$alive && is_idle();
}

# Nothing runs: there is nothing to stay for when nobody asks, or the folder is gone and with it all that could be told.
sub is_idle {
  return 0 if leftovers();
  return $leaving && !%ending if $leaving;
  return !%client && (!%ending && $now - $idle_since >= IDLE_SECONDS || !(stat '.')[3]);
}

sub pause {
  return @unsure > 4 ? 0.002 : 0.0004 if @unsure;
  return 0.01 if leftovers();
  for my $b (values %ending) { return 0.01 unless $b->{clean} }
  # With no client and nothing to watch there is nothing to stay for: all that is left to tell is in the record.
  return $look_at > $now ? $look_at - $now : 0 if $alive;
  return length $disk || !%client ? 1 : undef;
}

sub leave {
  unlink 'launcher.sock';
  flush_client($_) for values %client;
  quit(0);
}

# ---- orders --------------------------------------------------------------------------------------------------------------

# Lines wait in their buffers while enough starts are under way, or while the record wants to be rewritten in a quiet moment.
sub serve_lines {
  for my $c (values %client) {
    next unless $client{ $c->{fd} };
    my ($from, $to) = (0);
    while ($held < HELD_MAX && !compaction_due() && ($to = index $c->{in}, "\n", $from) >= 0) {
      order($c, substr $c->{in}, $from, $to - $from);
      $from = $to + 1;
    }
    substr $c->{in}, 0, $from, '' if $from;
    vec($wanted, $c->{fd}, 1) = 1 if length $c->{in} <= LINE_MAX;
  }
}

sub order {
  my ($c, $line) = @_;
  return spawn($c, $1) if $line =~ /^spawn\t(.*)/s;
  my ($verb, @field) = map { unescape($_) } split /\t/, $line, -1;
  my $do = defined $verb && $ORDERS{$verb} or return send_to($c, 'error', 'unknown order: ' . substr $line, 0, 40);
  $do->($c, @field);
}

sub hello { send_to($_[0], 'hello', VERSION, $BOOT, $$); send_to($_[0], 'disk', $disk) if length $disk }
sub ping { send_to($_[0], 'pong', defined $_[1] ? $_[1] : '') }

sub list {
  my ($c) = @_;
  my @here = grep { $_->{state} ne 'ended' } values %box;
  send_to($c, 'task', $_->{id}, is_starting($_) || $_->{unseen} ? (0, 0) : @{$_}{qw(pid start)}) for @here;
  send_to($c, 'listed', scalar @here);
}

sub stop {
  my ($c) = @_;
  return send_to($c, 'error', "stop: tasks are running") if $alive || %ending && length $disk;
  # What has just ended is still cleaned away and written down.
  $leaving = 1;
}

# Where a process is to read what the client writes. It is there before the process is.
sub fifo {
  my ($c, $path) = @_;
  return send_to($c, 'error', 'fifo: an absolute path is needed') unless defined $path && $path =~ m{^/};
  my $made = syscall($NR{mknodat}, -100, $path, 010600, 0) == 0 || $! == 17 && -p $path;
  send_to($c, 'made', $path, $made ? (0, '') : ($! + 0, "$!"));
}

sub exits_order {
  my ($c, $since) = @_;
  return send_to($c, 'error', 'exits: a number is needed') unless defined $since && $since =~ /^\d{1,15}$/;
  # The agent is one: whoever asked before is its earlier life, and what that still wanted is not done any more.
  drop_client($_) for grep { $_ != $c && defined $_->{since} } values %client;
  $c->{since} = $since;
  for my $n (sort { $a <=> $b } keys %exits) { send_to($c, exit_fields($box{ $exits{$n} })) if $n > $since }
}

sub ack {
  my ($c, @numbers) = @_;
  for my $n (@numbers) {
    my $id = delete $exits{$n};
    next unless defined $id;
    forget(delete $box{$id});
  }
}

# ---- starting ------------------------------------------------------------------------------------------------------------

sub spawn {
  my ($c, $line) = @_;
  my ($id, @field) = split /\t/, $line, -1;
  return send_to($c, 'error', 'spawn: not a valid id') unless defined $id && $id =~ /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}\z/;
  return again($c, $box{$id}) if $box{$id};
  my $b = { id => $id, pid => 0, state => 'held', since => $now, spawner => $spawner, user => '', out => '', err => '', max => 0, keep => 0, bound => START_SECONDS, kill => '', oom => '', peak => '', shared => 0, mark => 0, mkdir => [] };
  for (@field) {
    my ($key, $value) = split /=/, $_, 2;
    my $use = defined $value && $FIELDS{$key} or return fail($b, 'spec', EINVAL, 'unknown field: ' . substr $_, 0, 40);
    next if $use == 1;
    if ($use == 2) { $b->{$key} = unescape($value) } else { push @{ $b->{mkdir} }, unescape($value) }
  }
  return fail($b, 'spec', EINVAL, 'max, keep and bound are numbers') unless "$b->{max} $b->{keep} $b->{bound}" =~ /^\d{1,15} \d{1,3} \d{1,6}\z/;
  for ($b->{kill}, @{ $b->{mkdir} }) { return fail($b, 'spec', EINVAL, "not a cgroup folder: $_") if length && !is_cgroup($_) }
  return fail($b, 'spec', EINVAL, "pidfile must be an absolute path") if defined $b->{pidfile} && $b->{pidfile} !~ m{^/};
  return fail($b, 'machine', ENOSPC, "nothing can be recorded: $disk") if length $disk;
  $b->{max} = 0 if $b->{terminal};
  ($b->{as}, my $refused) = identity($b->{user});
  return fail($b, 'user', EINVAL, $refused) unless defined $b->{as};
  return fail($b, 'user', EINVAL, "this agent runs nothing as root, and $b->{user} is root: start it with --root-tasks, or name another user") if $b->{notroot} && $b->{as} =~ /^0+:/;
  $b->{mark} = MARK_BASE + int rand(1 << 48) unless length $b->{kill};
  $box{$id} = $b;
  $alive++;
  return wait_for_runtime($b, $line) if defined $b->{pidfile};
  give_spawner($b, $line);
}

sub give_spawner {
  my ($b, $line) = @_;
  @{$b}{qw(state since spawner)} = ('held', $now, $spawner);
  expect_start($b);
  $held++;
  $orders_out .= "$line\tmark=$b->{mark}\tas=$b->{as}\n";
}

sub again {
  my ($c, $b) = @_;
  send_to($c, 'started', @{$b}{qw(id pid start)}) if $b->{state} =~ /^(?:running|ending|ended)$/ && !is_starting($b);
  send_to($c, exit_fields($b)) if $b->{state} eq 'ended';
}

sub send_orders {
  my $done = syswrite $orders, $orders_out;
  substr $orders_out, 0, $done, '' if $done;
}

sub hear_news { hear($_) for values %channel }

sub hear {
  my ($from_it) = @_;
  my $got;
  1 while $got = sysread $from_it->{news}, $from_it->{in}, 1 << 16, length $from_it->{in};
  my $from = 0;
  while ((my $to = index $from_it->{in}, "\n", $from) >= 0) {
    my ($what, $id, @fact) = split /\t/, substr($from_it->{in}, $from, $to - $from), -1;
    $from = $to + 1;
    my $b = $box{$id};
    if ($what eq 'born') { born($b, $fact[0]) if $b && $b->{state} eq 'held' }
    elsif ($what eq 'up') { up($b, @fact) }
    elsif ($b) { failed($b, @fact) }
  }
  substr $from_it->{in}, 0, $from, '';
  silent($from_it) if defined $got;
}

# From here on the child is ours to signal and to reap. It may even have been reaped before this news came.
sub born {
  my ($b, $pid) = @_;
  return if $b->{pid};
  $b->{pid} = 0 + $pid;
  my $early = delete $early{$pid};
  # Of an earlier process of this pid, when there is one now.
  return leader_gone($b, $early->[0]) if $early && !defined start_time($pid);
  $leader{$pid} = $b;
  kill SIGKILL, $pid if $b->{doomed};
}

# On record and about to exec.
sub up {
  my ($b, $pid, $start) = @_;
  return kill SIGKILL, $pid unless $b && $b->{state} eq 'held';
  @{$b}{qw(start state)} = (0 + $start, 'pending');
  push @unsure, $b;
  enter_late($b) if $b->{late};
  born($b, $pid);
}

sub failed {
  my ($b, $stage, $errno, $text, $pid) = @_;
  return unless $b->{state} =~ /^(?:held|pending)$/;
  $b->{said} = [$stage, $errno, unescape($text)];
  disk_trouble($1) if $stage eq 'machine' && $text =~ /^launcher\.record: (.*)/;
  return born($b, $pid) if defined $pid;
  $alive--;
  $held--;
  fail($b, @{ $b->{said} });
}

# A child that has let go of its lock has done its exec, or else has said before what was wrong.
sub confirm {
  my @freed = grep { !is_locked($_->{pid}) } @unsure;
  return unless @freed;
  hear_news();
  for my $b (@freed) { running($b) if $b->{state} eq 'pending' && !$b->{said} }
  @unsure = grep { $_->{state} eq 'pending' && !$_->{said} } @unsure;
}

sub running {
  my ($b) = @_;
  $held--;
  return $b->{state} = 'working' if defined $b->{pidfile};
  leads($b);
}

# From here on a container is told, and looked after.
sub leads {
  my ($b) = @_;
  $b->{state} = 'running';
  look_after($b);
  tell_all('started', @{$b}{qw(id pid start)});
  signal_box($b, @$_) for @{ delete $b->{later} || [] };
}

sub fail {
  my ($b, $stage, $errno, $text) = @_;
  delete $box{ $b->{id} };
  runtime_done($b) if $b->{counted};
  tell_all('failed', $b->{id}, $stage, $errno, $text);
}

# Without its spawner nothing starts: another is hired.
sub spawner_gone {
  say_log('the spawner died, another is hired');
  ($spawner, $orders, my $news) = hire();
  $orders_out = '';
  meet_spawner($news);
}

sub meet_spawner {
  my ($news) = @_;
  nonblocking($_) for $orders, $news;
  my $new = { spawner => $spawner, news => $news, in => '' };
  $channel{$spawner} = $new;
  watch(fileno $news, sub { hear($new) });
}

# All children of a dead spawner have said what they had to say. What it never made will not start.
sub silent {
  my ($old) = @_;
  unwatch(fileno $old->{news});
  delete $channel{ $old->{spawner} };
  for my $b (grep { $_->{state} eq 'held' && !$_->{pid} && $_->{spawner} == $old->{spawner} } values %box) {
    forget($b);
    failed($b, 'machine', EAGAIN, 'the spawner died');
  }
}

# ---- ending --------------------------------------------------------------------------------------------------------------

sub reap {
  sysread $signals, my $drain, 4096;
  while (my ($pid, $status, $start) = next_dead()) {
    # What a child said last is heard before it is buried.
    hear_news() unless $leader{$pid} && $leader{$pid}{state} =~ /^(?:running|working)$/;
    if (my $b = delete $leader{$pid}) { leader_gone($b, $status) }
    elsif (my $copy = delete $rotating{$pid}) { rotated(@$copy, $status) }
    elsif ($pid == $spawner) { spawner_gone() }
    else { orphan_reaped($pid); $early{$pid} = [$status, $start, $now] if $held || $runtimes }
  }
  meet_all() if %left;
  forget_early();
}

sub leader_gone {
  my ($b, $status) = @_;
  $alive--;
  if ($b->{state} eq 'held' || $b->{said}) {
    $held--;
    clean_cgroups($b);
    forget($b);
    return fail($b, @{ $b->{said} || ['machine', 0, 'killed by signal ' . ($status & 127) . ' before it started'] });
  }
  running($b) if $b->{state} eq 'pending';
  return runtime_gone($b, $status) if $b->{state} eq 'working';
  ended($b, $status, '');
}

sub ended {
  my ($b, $status, $why) = @_;
  my $kills = memory_kills($b);
  my ($peak) = $kills && length $b->{peak} && (slurp($b->{peak}) || '') =~ /^(\d+)/ ? $1 : 0;
  @{$b}{qw(state status why kills peak_bytes number deadline)} = ('ending', $status, $why, $kills, $peak, ++$last_exit, $now + END_SECONDS);
  $ending{ $b->{id} } = $b;
  write_exit($b);
  bound_logs($b);
}

# Kills what the first process left behind; the exit is told when nothing of the container is left and its record is on the disk.
sub end {
  my ($b) = @_;
  $b->{clean} = 1 if clean($b) || $now > $b->{deadline};
  return unless $b->{refused} && $b->{clean};
  # Off the record before it is told, as this turn's lines are written after this.
  delete $ending{ $b->{id} };
  forget($b);
  fail($b, @{ $b->{refused} });
}

sub tell_exits {
  for my $b (grep { $_->{clean} && is_durable($_) } values %ending) {
    delete $ending{ $b->{id} };
    $b->{state} = 'ended';
    $exits{ $b->{number} } = $b->{id};
    tell_all(exit_fields($b));
  }
}

sub exit_fields { my ($b) = @_; return ('exit', @{$b}{qw(number id pid start status kills peak_bytes why)}) }

sub signal_order {
  my ($c, $id, $number, $to) = @_;
  return send_to($c, 'error', 'signal: ID NUMBER leader|group|all') unless defined $to && $number =~ /^\d{1,2}\z/ && $number <= 64 && $to =~ /^(?:leader|group|all)\z/;
  my $b = $box{$id} or return;
  if (is_starting($b)) { push @{ $b->{later} }, [0 + $number, $to] if @{ $b->{later} || [] } < LATER_MAX }
  elsif ($b->{state} =~ /^(?:pending|running)$/) { signal_box($b, 0 + $number, $to) }
}

sub destroy_order {
  my ($c, $id) = @_;
  return send_to($c, 'error', 'destroy: ID') unless defined $id;
  my $b = $box{$id} or return;
  return send_to($c, exit_fields($b)) if $b->{state} eq 'ended';
  destroy($b) if $b->{state} ne 'ending';
}

sub destroy {
  my ($b) = @_;
  $b->{doomed} ||= $now;
  return never_started($b) if $b->{state} eq 'waiting';
  signal_box($b, SIGKILL, 'all') if $b->{pid};
  kill_cgroup($b->{kill}) if length $b->{kill};
}

sub sweep_order {
  my ($c, $folder) = @_;
  return send_to($c, 'error', 'sweep: a cgroup folder is needed') unless is_cgroup($folder);
  clear_later({ kill => $folder, mkdir => [] });
}

sub is_cgroup { my ($folder) = @_; return defined $folder && $folder =~ m{^/sys/fs/cgroup/} && $folder !~ m{/\.\.(/|\z)} }

# ---- the machine ---------------------------------------------------------------------------------------------------------

# Becomes a daemon of its own: session, lock, children's deaths as a readable descriptor.
sub settle {
  chmod 0700, '.';
  umask 077;
  my %keep = map { fileno $_ => 1 } $orders, $first_news;
  close_fd(0 + $_) for grep { $_ > 2 && !$keep{$_} } names_in('/proc/self/fd');
  take_lock();
  syscall($NR{setsid});
  syscall($NR{prctl}, 36, 1, 0, 0, 0);   # PR_SET_CHILD_SUBREAPER
  $SIG{PIPE} = 'IGNORE';
  my $child = pack 'Q', 1 << 16;   # SIGCHLD
  syscall($NR{sigprocmask}, 0, $child, 0, 8);
  my $fd = syscall($NR{signalfd}, -1, $child, 8, 02004000);
  open $signals, '<&=', $fd or die "signalfd: $!\n";
  watch($fd, \&reap);
  meet_spawner($first_news);
  prepare_sync();
  $0 = "meseta-launcher $DIR";
}

# The launcher before may be on its way out: it is waited for a little.
sub take_lock {
  sysopen $lock, 'launcher.lock', O_RDWR | O_CREAT, 0600 or die "$DIR/launcher.lock: $!\n";
  for (1 .. 20) { return if flock $lock, 6; select undef, undef, undef, 0.05 }
  die "another launcher holds $DIR/launcher.lock\n";
}

sub watch { my ($fd, $do) = @_; $handler[$fd] = $do; vec($wanted, $fd, 1) = 1 }
sub unwatch { my ($fd) = @_; $handler[$fd] = undef; vec($wanted, $fd, 1) = 0 }

sub nonblocking { my ($fh) = @_; syscall($NR{fcntl}, fileno $fh, 4, 04000) }
sub say_log { my ($text) = @_; syswrite STDERR, "launcher $$: $text\n" }
