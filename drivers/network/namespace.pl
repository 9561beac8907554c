#!/usr/bin/perl
# Makes and removes the network namespace of a group of containers.
#
#   perl namespace.pl make PATH      a namespace with nothing but loopback, held by a mount on the file PATH; there already: no change
#   perl namespace.pl remove PATH    the mount and the file go; the namespace goes with its last process
#
# The mount is the last step of `make`, so a mounted PATH is a whole namespace. It needs nothing but perl-base.
use strict;
use warnings;

my ($parts) = $0 =~ m{^(/.*)/} or die "call it by its absolute path\n";
require "$parts/calls.pl";
our %NR;
my ($verb, $path) = @ARGV;
die "usage: perl namespace.pl make|remove PATH\n" unless defined $path && $verb =~ /^(?:make|remove)$/;
$verb eq 'make' ? make() : remove();

sub make {
  sysopen my $file, $path, 0100 | 0400000 or die "cannot make $path: $!\n";   # O_CREAT | O_NOFOLLOW
  close $file;
  return if is_mounted();
  syscall($NR{unshare}, NEWNET()) == 0 or die "cannot make a network namespace: $!\n";
  set_link('lo', 1) or die "cannot set loopback up: $!\n";
  # Nobody outside can be deceived by a port below 1024 in here, and ping needs no rights: as other runtimes have it.
  put('/proc/sys/net/ipv4/ip_unprivileged_port_start', '0');
  put('/proc/sys/net/ipv4/ping_group_range', '0 2147483647');
  my ($self, $type) = ('/proc/self/ns/net', 'none');
  syscall($NR{mount}, $self, $path, $type, 4096, 0) == 0 or die "cannot mount $path: $!\n";   # MS_BIND
}

sub remove {
  1 while is_mounted() && syscall($NR{umount}, $path, 2 | 8) == 0;   # MNT_DETACH | UMOUNT_NOFOLLOW
  unlink $path or $! == 2 or die "cannot remove $path: $!\n";
}

# All namespaces are files of one file system.
sub is_mounted {
  my ($there) = lstat $path or return 0;
  my ($own) = stat '/proc/self/ns/net';
  return $there == $own;
}
