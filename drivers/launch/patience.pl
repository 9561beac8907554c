# How long the launcher waits: a start that hangs is given up whole, and what is left of a container that is over is cleared away a little in
# each turn, so that nobody else waits for it. Loaded by launcher.pl.
use strict;
use warnings;

our (%box, %leader, %ending, %exits, @unsure, $alive, $held, $now);
my %starts;      # id → container that is on its way, or was
my @leftovers;   # [container, until when] of those that are told, or that nobody knows, with somebody left in them

use constant LEFTOVERS_AT_ONCE => 16;
my %STEPS = (limits => 'entering its control groups and limits', mounts => 'its mounts', output => 'opening its input and outputs', directory => 'entering its working directory', command => 'finding and executing its command');

sub expect_start { my ($b) = @_; $starts{ $b->{id} } = $b }

# One that hangs, in a folder of a dead server for example, keeps a place among those that may start at once. Who killed it waits less.
sub give_up_hanging {
  for my $b (values %starts) {
    if ($b->{state} !~ /^(?:held|pending|working)$/) { delete $starts{ $b->{id} }; next }
    my $since = $b->{since};
    if ($now - $since > $b->{bound}) { give_up($b, "was not done after $b->{bound} s, and the start was given up") }
    elsif ($b->{doomed} && $now - $b->{doomed} > END_SECONDS) { give_up($b, 'hung when it was killed') }
  }
}

# Told when nothing is left of it, or after a while: what hangs in the kernel dies only when the kernel lets it.
sub give_up {
  my ($b, $how) = @_;
  my $text = step_of($b) . " $how" . last_said($b) . ': what it waits for, a file system whose server is gone or a program that does not end, is to be seen to before it is launched again';
  delete $starts{ $b->{id} };
  $held-- if $b->{state} ne 'working';
  $alive--;
  @unsure = grep { $_ != $b } @unsure;
  let_go($b) if $b->{pid};
  refused($b, ['machine', ETIMEDOUT, $text]);
  end($b);
}

sub let_go {
  my ($b) = @_;
  signal_box($b, SIGKILL, 'all');
  delete $leader{ $b->{pid} };
  return unless $b->{adopted} && $b->{pidfd} >= 0;
  unwatch($b->{pidfd});
  close_fd($b->{pidfd});
  $b->{pidfd} = -1;
}

# What it was doing, by the name that its process has given itself (spawner.pl, room.pl, arrange.pl), or that of its program.
sub step_of {
  my ($b) = @_;
  return 'the spawner of processes' unless $b->{pid};
  my ($name) = (slurp("/proc/$b->{pid}/comm") || 'its start') =~ /^(.*)/;
  my ($step) = $name =~ /^at (\w+)/ or return $name;
  my ($more) = (slurp("/proc/$b->{pid}/cmdline") || '') =~ /^at (?:mounts of )?([^\0]{1,500})/;
  return $step eq 'mounts' && defined $more ? "mounting $more" : $STEPS{$step} || "$step" . (defined $more ? " ($more)" : '');
}

sub last_said { my ($b) = @_; my $text = last_word($b->{log}); return length $text ? "; it last said '$text'" : '' }

# ---- what is left over ---------------------------------------------------------------------------------------------------

# Of a container whose end is already on record, or that no record knows.
sub clear_later {
  my ($b) = @_;
  push @leftovers, [$b, $now + END_SECONDS] unless clean($b);
}

# The same of one whose end is not told before.
sub clear_first {
  my ($b) = @_;
  return if clean($b);
  delete $exits{ $b->{number} };
  @{$b}{qw(state unseen deadline)} = ('ending', 1, $now + END_SECONDS);
  $ending{ $b->{id} } = $b;
}

sub clear_leftovers {
  my @now = splice @leftovers, 0, LEFTOVERS_AT_ONCE;
  push @leftovers, grep { !clean($_->[0]) && $now <= $_->[1] } @now;
}

sub leftovers { return scalar @leftovers }

1;
