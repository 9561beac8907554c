# Copies image layers one over the other, where they cannot be put together by overlayfs. Loaded by arrange.pl.
#
# A layer is in overlayfs' form: a device 0:0 says that what lies below is gone, and the attribute trusted.overlay.opaque that all of a
# folder below is. Nothing of a layer is a device otherwise; owners are moved up by a number, for user namespaces.
package Arrange;
use strict;
use warnings;

our %NR;
my %linked;   # device:inode of the source → its first copy: hard links stay links

use constant { CHUNK => 1 << 20, NO_FOLLOW => 0x100, NOW_DIR => -100 };

# The files of a layer's folder over those of the target; owners are moved up by $first.
sub copy_over {
  my ($from, $to, $first) = @_;
  if (!-d $to) { mkdir $to, 0755 or return 0 }
  return copy_folder($from, $to, 0 + $first) && dress($from, $to, 0 + $first);
}

sub copy_folder {
  my ($from, $to, $first) = @_;
  opendir my $list, $from or return 0;
  for my $name (grep { $_ ne '.' && $_ ne '..' } readdir $list) {
    copy_one("$from/$name", "$to/$name", $first) or return 0;
  }
  return 1;
}

sub copy_one {
  my ($from, $to, $first) = @_;
  my ($dev, $inode, $mode, $links, $rdev) = (lstat $from)[0, 1, 2, 3, 6] or return 0;
  my $type = $mode & 0170000;
  if ($type == 0040000) {
    remove($to) if opaque($from) || (e_or_link($to) && !is_folder($to));
    if (!is_folder($to)) { mkdir $to, 0755 or return 0 }
    return copy_folder($from, $to, $first) && dress($from, $to, $first);
  }
  remove($to);
  return 1 if $type == 0020000 && $rdev == 0;
  if ($links > 1 && (my $known = $linked{"$dev:$inode"})) { return link $known, $to }
  if ($type == 0120000) { my $target = readlink $from; defined $target && symlink($target, $to) or return 0 }
  elsif ($type == 0100000) { copy_file($from, $to) or return 0 }
  elsif ($type == 0010000) { my $path = $to; syscall($NR{mknodat}, NOW_DIR, $path, 0010600, 0) == 0 or return 0 }
  else { return 1 }
  $linked{"$dev:$inode"} = $to if $links > 1;
  return dress($from, $to, $first);
}

sub copy_file {
  my ($from, $to) = @_;
  sysopen my $in, $from, $NR{nofollow} or return 0;
  sysopen my $out, $to, 0301, 0600 or return 0;   # O_WRONLY | O_CREAT | O_EXCL
  my $got;
  while ($got = sysread $in, my $bytes, CHUNK) {
    my $at = 0;
    while ($at < $got) { my $put = syswrite $out, $bytes, $got - $at, $at; return 0 unless $put; $at += $put }
  }
  # Half a file is no copy.
  return 0 unless defined $got;
  return close $out;
}

# Owner, rights, attributes and time. Owner first, as a change of it takes setuid bits away.
sub dress {
  my ($from, $to, $first) = @_;
  my ($mode, $uid, $gid, $time) = (lstat $from)[2, 4, 5, 9];
  my $path = $to;
  return 0 if syscall($NR{fchownat}, NOW_DIR, $path, $uid + $first, $gid + $first, NO_FOLLOW) != 0;
  return 1 if ($mode & 0170000) == 0120000;
  chmod $mode & 07777, $to or return 0;
  copy_attribute($from, $to, 'security.capability') unless $first;
  utime $time, $time, $to;
  return 1;
}

sub copy_attribute {
  my ($from, $to, $name) = @_;
  my $value = "\0" x 256;
  my $length = syscall($NR{lgetxattr}, my $source = $from, $name, $value, 256);
  syscall($NR{lsetxattr}, my $target = $to, $name, $value, $length, 0) if $length > 0;
}

sub opaque {
  my ($folder) = @_;
  my ($value, $name) = ("\0" x 8, 'trusted.overlay.opaque');
  return syscall($NR{lgetxattr}, my $path = $folder, $name, $value, 8) == 1 && substr($value, 0, 1) eq 'y';
}

sub e_or_link { my ($path) = @_; return defined((lstat $path)[2]) }
sub is_folder { my ($path) = @_; return (((lstat $path)[2] || 0) & 0170000) == 0040000 }

sub remove {
  my ($path) = @_;
  if (!is_folder($path)) { unlink $path; return }
  if (opendir my $list, $path) { remove("$path/$_") for grep { $_ ne '.' && $_ ne '..' } readdir $list }
  rmdir $path;
}

1;
