# Looks after running tasks: keeps stdout and stderr of each near their bound, and ends those that broke their memory limit. Loaded by launcher.pl.
use strict;
use warnings;

our (%NR, %rotating, %left, @look_queue, $look_at, $alive, $now);

# Each look is at a quarter of the tasks, at least at a hundred; while a file grows fast the next look comes sooner.
sub look {
  $look_at = $now + LOOK_SECONDS;
  give_up_hanging();
  meet_all() if %left;
  my $count = @look_queue / 4;
  $count = 100 if $count < 100;
  $count = @look_queue if $count > @look_queue;
  for (1 .. $count) {
    my $b = shift @look_queue;
    next unless $b->{state} eq 'running';
    push @look_queue, $b;
    if (!$b->{broke} && memory_kills($b)) { $b->{broke} = 1; destroy($b) }
    bound_logs($b);
  }
}

sub look_after {
  my ($b) = @_;
  $b->{kills_before} = memory_kills($b) if $b->{shared};
  push @look_queue, $b if $b->{max} || length $b->{oom};
  @look_queue = grep { $_->{state} eq 'running' } @look_queue if @look_queue > 2 * $alive + 100;
}

# How many processes the kernel has killed for memory since this container started.
sub memory_kills {
  my ($b) = @_;
  return 0 unless length $b->{oom} && (slurp($b->{oom}) || '') =~ /oom_kill (\d+)/;
  return $1 - ($b->{kills_before} || 0);
}

sub bound_logs {
  my ($b) = @_;
  return unless $b->{max};
  for my $name ('out', 'err') {
    my $bytes = (lstat $b->{$name})[7] || 0;
    $look_at = $now + SOON_SECONDS if $bytes - ($b->{"seen_$name"} || 0) > $b->{max} / 4;
    $b->{"seen_$name"} = $bytes;
    rotate($b, $name) if $bytes > $b->{max};
  }
}

sub rotate {
  my ($b, $name) = @_;
  return if keys %rotating >= ROTATIONS_MAX || !defined $b->{as} || ($b->{"wait_$name"} || 0) > $now;
  return if grep { $_->[0] == $b && $_->[1] eq $name } values %rotating;
  my $pid = fork;
  return unless defined $pid;
  if ($pid) { $rotating{$pid} = [$b, $name]; return }
  # Neither the lock nor a client's line is kept open by it.
  syscall($NR{close}, 0 + $_) for grep { $_ > 2 } names_in('/proc/self/fd');
  # With the rights of the task's user: whatever links it planted in its sandbox, it can only harm itself.
  my $well = eval { take_identity(writer_of($b)) && copy_away($b, $b->{$name}) };
  quit($well ? 0 : 1);
}

# Who the outputs belong to, as take_identity wants it.
sub writer_of { my ($b) = @_; return defined $b->{owner} && $b->{owner} =~ /^(\d+):(\d+)$/ ? "$1:$2:$2" : $b->{as} }

# Where it went well more may be waiting already; where not, the next try has time.
sub rotated {
  my ($b, $name, $status) = @_;
  if ($status) { $b->{"wait_$name"} = $now + ROTATE_RETRY_SECONDS } else { $look_at = 0 }
}

# The file stays the same (the task holds it open, appending); its older part goes to PATH.1, the last MAX bytes of it. Where the
# file system can cut out the front of a file nothing that is newer is lost; elsewhere what is written between the last copy and the
# cut is.
sub copy_away {
  my ($b, $path) = @_;
  sysopen my $from, $path, O_RDWR | $NR{nofollow} or return 0;
  my ($links, $size, $block) = (stat $from)[3, 7, 11];
  return 0 unless -f _ && $links == 1;
  my $end = $size - $size % ($block || 4096);
  # Where nothing can be kept, in a full or closed folder, the bound still holds.
  my $spare = $b->{keep} ? spare_of($path) : undef;
  my $kept = $spare && sysseek($from, $end > $b->{max} ? $end - $b->{max} : 0, 0) && copy_part($from, $spare, $end > $b->{max} ? $b->{max} : $end);
  my $cut = $end > 0 && syscall($NR{fallocate}, fileno $from, 8, 0, $end) == 0;   # FALLOC_FL_COLLAPSE_RANGE
  if (!$cut) { copy_part($from, $spare, $b->{max}) if $kept; truncate $from, 0 or return 0 }
  if (!$kept) { unlink "$path.new"; return 1 }
  rename "$path.$_", "$path." . ($_ + 1) for reverse 1 .. $b->{keep} - 1;
  return rename "$path.new", "$path.1";
}

sub spare_of {
  my ($path) = @_;
  unlink "$path.new";
  sysopen my $spare, "$path.new", O_WRONLY | O_CREAT | O_EXCL | $NR{nofollow}, 0644 or return undef;
  return $spare;
}

sub copy_part {
  my ($from, $to, $left) = @_;
  while ($left > 0) {
    my $got = sysread $from, my $piece, $left < 1 << 18 ? $left : 1 << 18;
    return 0 unless defined $got;
    last unless $got;
    my $put = syswrite $to, $piece;
    return 0 unless defined $put && $put == $got;
    $left -= $got;
  }
  return 1;
}

1;
