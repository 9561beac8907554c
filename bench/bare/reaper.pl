# Runs a command as the parent of all orphans that it leaves, and prints the CPU milliseconds of all of them in a last line: perl reaper.pl COMMAND …
use strict;
use warnings;

my $machine = `uname -m`;
syscall($machine =~ /x86_64/ ? 157 : 167, 36, 1, 0, 0, 0) == 0 or die "prctl: $!\n";   # PR_SET_CHILD_SUBREAPER
my $pid = fork // die "fork: $!\n";
exec @ARGV or die "$ARGV[0]: $!\n" if !$pid;
my $status = 0;
while ((my $gone = wait) > 0) { $status = $? if $gone == $pid }
my (undef, undef, $user, $system) = times;
printf "%d\n", 1000 * ($user + $system);
exit($status >> 8 || $status & 127);
