# The bare operation beside the launcher: fork, exec and wait for /bin/true, 16 at a time, COUNT times; with cgroup folders (each given by
# its parent) every child gets its own folder in each, as the launcher does it. Prints
# starts a second and microseconds of CPU time for each.
use strict;
use warnings;
use Time::HiRes 'time';

my ($count, @parents) = @ARGV;
my ($begin, $live, %number) = (time, 0);
mkdir $_ for @parents;
for my $n (1 .. $count) {
  defined(my $pid = fork) or die "fork: $!";
  if (!$pid) {
    for my $parent (@parents) {
      mkdir "$parent/$n";
      open my $procs, '>', "$parent/$n/cgroup.procs" or die "$parent/$n: $!";
      syswrite $procs, '0';
    }
    exec { '/bin/true' } 'true';
  }
  $number{$pid} = $n;
  bury() if ++$live >= 16;
}
bury() while $live;
my $seconds = time - $begin;
my ($user, $system, $child_user, $child_system) = times;
printf "%.0f %.0f\n", $count / $seconds, 1e6 * ($user + $system + $child_user + $child_system) / $count;
rmdir $_ for @parents;

sub bury {
  my $n = delete $number{ +wait };
  rmdir "$_/$n" for @parents;
  $live--;
}
