# Looks after running tasks: keeps stdout and stderr of each near their bound, and ends those that broke their memory limit. Loaded by launcher.pl.
use strict;
use warnings;

our (%NR, %rotating, @look_queue, $look_at, $now);

# Each look is at a quarter of the tasks, at least at a hundred; while a file grows fast the next look comes sooner.
sub look {
  $look_at = $now + LOOK_SECONDS;
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
    rotate($b, $b->{$name}) if $bytes > $b->{max};
  }
}

sub rotate {
  my ($b, $path) = @_;
  return if keys %rotating >= ROTATIONS_MAX || grep { $_ eq $path } values %rotating;
  my $pid = fork;
  return unless defined $pid;
  if ($pid) { $rotating{$pid} = $path; return }
  # With the rights of the task's user: whatever links it planted in its sandbox, it can only harm itself.
  eval { copy_away($b, $path) if take_identity($b->{as}) };
  quit(0);
}

# The file stays the same (the task holds it open, appending); its older part goes to PATH.1, the last MAX bytes of it. Where the
# file system can cut out the front of a file nothing that is newer is lost; elsewhere what is written between the last copy and the
# cut is.
sub copy_away {
  my ($b, $path) = @_;
  sysopen my $from, $path, O_RDWR | $NR{nofollow} or return;
  my ($links, $size, $block) = (stat $from)[3, 7, 11];
  return unless -f _ && $links == 1;
  my $end = $size - $size % ($block || 4096);
  my $spare;
  if ($b->{keep}) {
    unlink "$path.new";
    sysopen $spare, "$path.new", O_WRONLY | O_CREAT | O_EXCL | $NR{nofollow}, 0644 or return;
    sysseek $from, $end > $b->{max} ? $end - $b->{max} : 0, 0;
    copy_part($from, $spare, $end > $b->{max} ? $b->{max} : $end) or return unlink "$path.new";
  }
  my $cut = $end > 0 && syscall($NR{fallocate}, fileno $from, 8, 0, $end) == 0;   # FALLOC_FL_COLLAPSE_RANGE
  if (!$cut) { copy_part($from, $spare, $b->{max}) if $spare; truncate $from, 0 }
  return unless $spare;
  rename "$path.$_", "$path." . ($_ + 1) for reverse 1 .. $b->{keep} - 1;
  rename "$path.new", "$path.1";
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
