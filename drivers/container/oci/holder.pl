#!/usr/bin/perl
# Holds a pid namespace for containers that share one: perl holder.pl PID_FILE
#
# Its child is the namespace's first process, which does nothing but bury the dead, and lives until it is killed; the namespace goes
# with it. The child's pid is in PID_FILE when this ends.
use strict;
use warnings;

my ($pid_file) = @ARGV;
open my $self, '<', '/proc/self/exe' or die "no /proc: $!\n";
sysread $self, my $head, 20;
my $unshare = unpack('x18 S', $head) == 62 ? 272 : 97;   # x86_64, or arm64 and riscv64
syscall($unshare, 0x20000000) == 0 or die "cannot make a pid namespace: $!\n";   # CLONE_NEWPID
my $pid = fork;
die "fork: $!\n" unless defined $pid;
if (!$pid) {
  $SIG{CHLD} = 'IGNORE';
  $0 = 'meseta-pids';
  sleep 1 << 20 while 1;
}
open my $file, '>', "$pid_file.new" or die "$pid_file: $!\n";
syswrite $file, $pid;
close $file;
rename "$pid_file.new", $pid_file or die "$pid_file: $!\n";
