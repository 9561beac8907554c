# Runtimes that come and go: an OCI runtime makes a container, leaves its first process behind and exits; that process, an orphan
# then, is our own child as we are the subreaper, and leads the container from there on. Loaded by launcher.pl.
use strict;
use warnings;

our (%NR, %box, %leader, %ending, %early, $runtimes, $held, $alive, $now);
my @waiting;   # [container, spawn line] of those that are to begin when others are done
our %left;     # id → container whose runtime has gone and whose first process is not our child yet

# Each runtime keeps a core busy while it works: more at once would only need more memory.
use constant { RUNTIMES_MAX => 16, WAITING_MAX => 20_000, EARLY_MAX => 1000, LOG_TAIL => 8192, P_ALL => 0, WEXITED => 4, WNOWAIT => 0x01000000 };

sub is_starting { my ($b) = @_; return $b->{refused} || defined $b->{pidfile} || $b->{state} eq 'held' }

sub wait_for_runtime {
  my ($b, $line) = @_;
  if (@waiting >= WAITING_MAX) { $alive--; return fail($b, 'machine', EAGAIN, WAITING_MAX . ' containers are waiting already') }
  $b->{state} = 'waiting';
  push @waiting, [$b, $line];
  next_runtime();
}

sub next_runtime {
  while (@waiting && $runtimes < RUNTIMES_MAX) {
    my ($b, $line) = @{ shift @waiting };
    next if $b->{state} ne 'waiting';
    $runtimes++;
    $b->{counted} = 1;
    give_spawner($b, $line);
  }
}

sub runtime_done {
  my ($b) = @_;
  $runtimes-- if delete $b->{counted};
  next_runtime();
}

sub never_started {
  my ($b) = @_;
  $alive--;
  $b->{state} = 'gone';
  fail($b, 'machine', 0, 'killed by signal 9 before it started');
}

# The next dead child: its pid, status, and start time where it may be one that a runtime left behind, which is to be known
# before it is reaped.
sub next_dead {
  my ($pid, $start);
  if ($runtimes) {
    my $info = "\0" x 128;
    return if syscall($NR{waitid}, P_ALL, 0, $info, WEXITED | WNOWAIT | WNOHANG, 0) != 0;
    $pid = unpack 'x16 l', $info or return;
    $start = start_time($pid) unless $leader{$pid};
  }
  $pid = waitpid $pid || -1, WNOHANG;
  return $pid > 0 ? ($pid, $?, $start) : ();
}

# Ends of children that nobody has named yet, kept while somebody may.
sub forget_early {
  return unless %early;
  if (!$held && !$runtimes) { %early = (); return }
  return if keys %early < EARLY_MAX;
  my ($oldest) = sort { $a <=> $b } map { $_->{since} } grep { $_->{counted} || $_->{state} eq 'held' } values %box;
  for my $pid (keys %early) { delete $early{$pid} if $early{$pid}[2] < $oldest }
}

# A runtime that succeeded has left somebody behind.
sub runtime_gone {
  my ($b, $status) = @_;
  return refuse($b, $status) if $status;
  $alive++;
  @{$b}{qw(pid deadline)} = (0, $now + END_SECONDS);
  $left{ $b->{id} } = $b;
  meet($b);
}

# Looked at again when a child of nobody has died: crun's is one of them, and the container's first process becomes ours only then.
sub meet_all { meet($_) for values %left }

sub meet {
  my ($b) = @_;
  my ($pid, $start, $ended) = left_behind($b);
  return if defined $pid && !$pid && $now < $b->{deadline};
  delete $left{ $b->{id} };
  if (!$pid) { $alive--; return refuse($b, 0) }
  runtime_done($b);
  new_leader($b, $pid, $start);
  return leader_gone($b, $ended) if defined $ended;
  $leader{$pid} = $b;
  destroy($b) if $b->{doomed};
}

# Pid and start time of what the pid file names, and its status if it is dead already; 0 while it is the child of a child of nobody; else nothing.
sub left_behind {
  my ($b) = @_;
  my $pid = pid_in($b->{pidfile}) or return;
  my $start = start_time($pid);
  if (defined $start) {
    my $parent = parent_of($pid);
    return $leader{$pid} ? () : ($pid, $start) if $parent == $$;
    return parent_of($parent) == $$ && !$leader{$parent} ? 0 : ();
  }
  my $early = delete $early{$pid} or return;
  return ($pid, $early->[1], $early->[0]);
}

# On record before it is told.
sub new_leader {
  my ($b, $pid, $start) = @_;
  lead_by($b, $pid, $start);
  enter_late($b);
  leads($b);
}

# The runtime is history, on the record too.
sub lead_by {
  my ($b, $pid, $start) = @_;
  @{$b}{qw(pid start init)} = (0 + $pid, 0 + $start, 1);
  delete @{$b}{qw(pidfile log)};
}

# Told when nothing is left of what the runtime made.
sub refuse {
  my ($b, $status) = @_;
  my $code = $status & 127 ? 128 + ($status & 127) : $status >> 8;
  my $text = last_word($b->{log}) || ($status & 127 ? 'killed by signal ' . ($status & 127) : $code ? "it exited with code $code" : "it left no process in $b->{pidfile}");
  refused($b, ['runtime', $code, $text]);
}

sub refused {
  my ($b, $said) = @_;
  runtime_done($b);
  @{$b}{qw(state refused at deadline)} = ('ending', $said, 0, $now + END_SECONDS);
  $ending{ $b->{id} } = $b;
}

# What the launcher's death has left to be found out: a process that the pid file names and that belongs to this container.
sub follow_pid_file {
  my ($b) = @_;
  my $pid = pid_in($b->{pidfile}) or return 0;
  my $fd = pidfd($pid);
  my ($state, $start) = stat_of($pid);
  my $ours = defined $start && $state ne 'Z' && (length $b->{kill} ? is_member($pid, $b->{kill}) : $start >= $b->{start} && mark_of($pid) == $b->{mark});
  if (!$ours) { close_fd($fd); return 0 }
  close_fd($b->{pidfd});
  $b->{pidfd} = $fd;
  lead_by($b, $pid, $start);
  $b->{state} = 'running';
  return 1;
}

# A runtime of an earlier launcher: its status is lost, and only what it left tells.
sub adopted_runtime_gone {
  my ($b) = @_;
  return refuse($b, 0) unless follow_pid_file($b);
  enter_late($b);
  watch_adopted($b);
  leads($b);
  destroy($b) if $b->{doomed};
}

sub pid_in { my ($path) = @_; return (slurp($path) || '') =~ /^(\d{1,9})\s*\z/ ? 0 + $1 : 0 }
sub parent_of { my ($pid) = @_; return (slurp("/proc/$pid/stat") || '') =~ /^.*\) \S (\d+)/s ? $1 : 0 }

# The last error that a runtime has written into its log, or else the last line of it; both runtimes write objects of JSON with a
# "msg".
sub last_word {
  my ($path) = @_;
  return '' unless defined $path;
  sysopen my $log, $path, O_RDONLY or return '';
  sysseek $log, -LOG_TAIL(), 2;
  sysread $log, my $text, LOG_TAIL;
  my @lines = grep { /\S/ } split /\n/, $text || '';
  my ($line) = reverse grep { /"level"\s*:\s*"(?:error|fatal)"/ } @lines;
  $line = @lines ? $lines[-1] : '' unless defined $line;
  return substr $line =~ /"msg"\s*:\s*"((?:[^"\\]|\\.)*)"/ ? plain($1) : $line, 0, 1000;
}

# A text of JSON as bytes.
sub plain {
  my ($text) = @_;
  my %short = (n => "\n", t => "\t", r => "\r", b => "\b", f => "\f");
  $text =~ s/\\u([0-9A-Fa-f]{4})|\\(.)/defined $1 ? utf8_of(hex $1) : exists $short{$2} ? $short{$2} : $2/ge;
  return $text;
}

sub utf8_of { my $char = chr $_[0]; utf8::encode($char); return $char }

1;
