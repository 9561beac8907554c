# Which devices a container may use where cgroups are of version 2: a program that the kernel asks. Loaded by spawner.pl.
use strict;
use warnings;

our %NR;

use constant { BPF_PROG_LOAD => 5, BPF_PROG_ATTACH => 8, BPF_PROG_TYPE_CGROUP_DEVICE => 15, BPF_CGROUP_DEVICE => 6, BPF_F_ALLOW_MULTI => 2 };
use constant { RLIMIT_MEMLOCK => 8, NO_BOUND => ~0 };

# Attaches these instructions to a cgroup, with which they go. Whatever a cgroup above allows no more is not allowed here either.
sub filter_devices {
  my ($folder, $hex) = @_;
  my $at = open_file($folder, 0);
  return 0 if $at < 0;
  my $program = load_filter(pack 'H*', $hex);
  return 0 if $program < 0;
  my $wish = pack 'L5', $at, $program, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI, 0;
  my $done = syscall($NR{bpf}, BPF_PROG_ATTACH, $wish, length $wish) == 0;
  my $why = $! + 0;
  syscall($NR{close}, $_) for $at, $program;
  $! = $why;
  return $done;
}

# Kernels before 5.11 count programs as locked memory of the one who loads them: that bound is lifted for the moment.
sub load_filter {
  my ($program) = @_;
  my $license = "Apache-2.0\0";
  my $wish = pack 'L2 P P L2 Q L2 x16 L2', BPF_PROG_TYPE_CGROUP_DEVICE, length($program) / 8, $program, $license, 0, 0, 0, 0, 0, 0, BPF_CGROUP_DEVICE;
  my $loaded = syscall($NR{bpf}, BPF_PROG_LOAD, $wish, length $wish);
  return $loaded if $loaded >= 0 || $! != 1;
  my $bound = "\0" x 16;
  syscall($NR{prlimit}, 0, RLIMIT_MEMLOCK, my $none = pack('QQ', NO_BOUND, NO_BOUND), $bound) == 0 or return -1;
  $loaded = syscall($NR{bpf}, BPF_PROG_LOAD, $wish, length $wish);
  my $why = $! + 0;
  syscall($NR{prlimit}, 0, RLIMIT_MEMLOCK, $bound, 0);
  $! = $why;
  return $loaded;
}

1;
