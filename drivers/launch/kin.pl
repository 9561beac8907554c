# Who belongs to a container, and how they are signalled without hitting anybody else. Loaded by launcher.pl.
#
# With cgroups the container's own folder lists them. Without, they are the tree below its first process, and what left that
# tree is known by the mark that the spawner put on it. A pid alone is never trusted: our own unreaped child keeps its pid, anybody
# else is held by a pidfd first and then looked at again.
use strict;
use warnings;

our (%NR, %leader, %rotating, $spawner, $turn);
my $pid = $$;
my ($looked_at, @strangers) = (-1);
my %orphan;     # pid → mark: daemons that came back to us, until they are reaped

# Kills what is left of a container; true when nothing is.
sub clean { my ($b) = @_; return length $b->{kill} ? clean_cgroups($b) : clean_orphans($b) }

# Removing the folder is also the question whether anybody is left in it.
sub clean_cgroups {
  my ($b) = @_;
  return 1 unless length $b->{kill};
  if (!rmdir($b->{kill}) && $! != ENOENT) { kill_cgroup($b->{kill}); return 0 unless remove_tree($b->{kill}) }
  for (reverse @{ $b->{mkdir} }) { remove_tree($_) if !rmdir $_ && m{/\Q$b->{id}\E\z} }
  return 1;
}

# Some runtimes make folders of their own below those they are given.
sub remove_tree {
  my ($dir) = @_;
  return 1 if rmdir $dir;
  remove_tree($_) for folders_in($dir);
  return rmdir $dir;
}

sub folders_in { my ($dir) = @_; return grep { -d } map { "$dir/$_" } names_in($dir) }

sub kill_cgroup {
  my ($dir) = @_;
  put("$dir/pids.max", '0') if -e "$dir/pids.max";   # nothing in it can fork away
  return if put("$dir/cgroup.kill", '1');
  kill_cgroup($_) for folders_in($dir);
  signal_members($dir, SIGKILL, 0);
}

# A pid is held by a pidfd and only then asked once more whether it is a member: a pid that was given to another meanwhile is not hit.
sub signal_members {
  my ($dir, $signal, $but) = @_;
  my %fd = map { $_ => pidfd($_) } grep { $_ != $but } split /\n/, slurp("$dir/cgroup.procs") || '';
  my %still = map { $_ => 1 } split /\n/, slurp("$dir/cgroup.procs") || '';
  for my $pid (keys %fd) {
    send_signal($pid, $fd{$pid}, $signal) if $still{$pid};
    close_fd($fd{$pid});
  }
}

sub signal_below {
  my ($dir, $signal, $but) = @_;
  signal_members($dir, $signal, $but);
  signal_below($_, $signal, $but) for folders_in($dir);
}

sub is_member {
  my ($pid, $dir) = @_;
  return 1 if (slurp("$dir/cgroup.procs") || '') =~ /^$pid$/m;
  for (folders_in($dir)) { return 1 if is_member($pid, $_) }
  return 0;
}

sub clean_orphans {
  my ($b) = @_;
  # Whoever has no mark is nobody's: all that never had one would look like its own.
  return 1 unless $b->{mark};
  my @left = $b->{adopted} ? scan($b) : come_back($b);
  for my $pid (@left) { if ($b->{adopted}) { signal_checked($pid, start_time($pid), SIGKILL, $b) } else { kill SIGKILL, $pid } }
  return !@left;
}

# What an ended task left behind are now our own children (we are the subreaper), and theirs come to us as they die.
sub come_back {
  my ($b) = @_;
  @strangers = strangers() if $looked_at != $turn;
  $looked_at = $turn;
  return grep { $b->{mark} && $orphan{$_} == $b->{mark} } @strangers;
}

# Our children that are no task's first process. Read once a turn, after all reaping of that turn: then those that an ended task left are there.
sub strangers {
  my @found = grep { !$leader{$_} && !$rotating{$_} && $_ != $spawner } split ' ', slurp("/proc/$pid/task/$pid/children") || '';
  for (@found) { $orphan{$_} = mark_of($_) unless $orphan{$_} }
  return @found;
}

sub orphan_reaped { delete $orphan{ $_[0] } }

sub scan {
  my ($b) = @_;
  return grep { /^\d+$/ && $_ != $$ && belongs($_, $b) } names_in('/proc');
}

sub belongs {
  my ($pid, $b) = @_;
  return $b->{mark} && mark_of($pid) == $b->{mark} && ((stat_of($pid))[0] || 'Z') ne 'Z';
}

sub mark_of {
  my ($pid) = @_;
  return ((slurp("/proc/$pid/limits") || '') =~ /^Max realtime timeout\s+(\d+)/m) ? 0 + $1 : 0;
}

# The first process first: else it sees its children die and may end by itself before the signal comes.
sub signal_box {
  my ($b, $wanted, $to) = @_;
  my $number = $b->{init} && is_dropped($b->{pid}, $wanted) ? SIGKILL : $wanted;
  my @rest = $to ne 'all' || length $b->{kill} ? () : descendants($b);
  # An unreaped child keeps its pid, and a pid in use as a group is not given away.
  if ($b->{adopted}) { signal_adopted($b, $number, $to) } else { kill $number, $to eq 'group' ? -$b->{pid} : $b->{pid} }
  signal_below($b->{kill}, $wanted, $b->{pid}) if $to eq 'all' && length $b->{kill};
  for (@rest) { signal_checked(@$_, $wanted, undef) }
}

# The kernel drops signals for which the first process of a pid namespace has no handler (pid_namespaces(7)): one that was to end it would
# never arrive. What it blocks, ignores or catches is its own business.
sub is_dropped {
  my ($pid, $number) = @_;
  return 0 unless $number =~ /^(?:1|2|3|15)\z/;
  my $text = slurp("/proc/$pid/status") || '';
  return 0 unless $text =~ /^NSpid:\s+\d+(?:\s+\d+)*\s+1$/m;
  for my $set ($text =~ /^Sig(?:Blk|Ign|Cgt):\s+([0-9a-f]{16})$/mg) { return 0 if hex($set) >> $number - 1 & 1 }
  return 1;
}

sub signal_adopted {
  my ($b, $number, $to) = @_;
  return unless (start_time($b->{pid}) || 0) == $b->{start};
  if ($to eq 'group') { kill $number, -$b->{pid} } else { send_signal($b->{pid}, $b->{pidfd}, $number) }
}

# The tree below the first process, and daemons that left it but carry its mark: [pid, start time] of each.
sub descendants {
  my ($b) = @_;
  my @pids = $b->{adopted} ? grep { $_ != $b->{pid} } scan($b) : (tree($b->{pid}), map { ($_, tree($_)) } come_back($b));
  my %seen;
  return map { my $s = start_time($_); $s ? [$_, $s] : () } grep { !$seen{$_}++ } @pids;
}

sub tree {
  my ($pid) = @_;
  my @below = map { split ' ', slurp("/proc/$pid/task/$_/children") || '' } names_in("/proc/$pid/task");
  return map { ($_, tree($_)) } @below;
}

sub signal_checked {
  my ($pid, $start, $number, $b) = @_;
  my $fd = pidfd($pid);
  my $same = ($start || 0) && (start_time($pid) || 0) == $start && (!$b || belongs($pid, $b));
  send_signal($pid, $fd, $number) if $same;
  close_fd($fd);
}

sub start_time { return (stat_of($_[0]))[1] }
# A descriptor that holds a process, -1 when it is gone, -2 when this kernel has none.
sub pidfd {
  my ($pid) = @_;
  my $fd = syscall($NR{pidfd_open}, 0 + $pid, 0);
  return $fd >= 0 ? $fd : $! == 3 ? -1 : -2;
}

sub close_fd { my ($fd) = @_; syscall($NR{close}, $fd) if $fd >= 0 }

sub send_signal {
  my ($pid, $fd, $number) = @_;
  return syscall($NR{pidfd_send_signal}, $fd, 0 + $number, 0, 0) if $fd >= 0;
  kill $number, $pid if $fd == -2;   # checked just before
}

1;
