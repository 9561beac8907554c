# marks.pl ROOT: makes overlayfs' marks below ROOT, which Node cannot: devices 0:0 ("w") and the attribute of opaque folders ("o").
# stdin: KIND NUL PATH NUL …, paths from ROOT on. Nobody else writes below ROOT; still no link is followed.
use strict;
use warnings;
use POSIX qw(uname);

my %NR = (x86_64 => [259, 189], aarch64 => [33, 6]);
my ($machine, $root) = ((uname)[4], @ARGV);
my ($mknodat, $lsetxattr) = @{ $NR{$machine} || die "no system calls known for $machine\n" };
my ($AT_FDCWD, $S_IFCHR) = (-100, 0020000);

local $/;
binmode STDIN;
my @orders = split /\0/, <STDIN>;
while (my ($kind, $path) = splice @orders, 0, 2) {
  my @parts = split m{/}, $path;
  my $name = @parts ? pop @parts : '.';
  chdir $root or die "cannot enter $root: $!\n";
  for (@parts) { lstat; -d _ or die "$path goes through what is no folder\n"; chdir $_ or die "cannot enter $path: $!\n" }
  $kind eq 'w' ? whiteout($name) : opaque($name);
}

sub whiteout {
  my ($name) = @_;
  syscall($mknodat, $AT_FDCWD, $name, $S_IFCHR, 0) == 0 or die "cannot make a device for $name: $!\n";
}

sub opaque {
  my ($name) = @_;
  lstat $name;
  -d _ or die "$name is no folder\n";
  my ($key, $value) = ('trusted.overlay.opaque', 'y');
  syscall($lsetxattr, $name, $key, $value, 1, 0) == 0 or die "cannot mark $name as opaque: $!\n";
}
