# What a child does to its surroundings between fork and exec: a mount namespace of its own, and what stands at its three descriptors.
# Loaded by spawner.pl.
use strict;
use warnings;

our %NR;
my @kept;
my ($arranger) = map { "$_/../container/oci/arrange.pl" } __FILE__ =~ m{^(.*)/};

use constant { CLONE_NEWNS => 0x20000, MS_REC => 0x4000, MS_SLAVE => 0x80000, MNT_DETACH => 2, PAGE => 4096, TIOCSCTTY => 0x540E };
use constant { OPEN_APPEND => 02101, OPEN_WITHOUT_WAITING => 04000, OPEN_BOTH_WAYS => 2, CLOSE_ON_EXEC => 02000000, O_PATH => 010000000, LINKS_MAX => 40 };   # O_WRONLY | O_CREAT | O_APPEND: so a file can be cut while it is written

# What is wrong with these fields of an order, or nothing.
sub wrong_room {
  my ($b) = @_;
  for (@{ $b->{mount} }) {
    my ($kind, @part) = split /\0/, $_, -1;
    next if $kind eq 'unmount' && @part == 1 && $part[0] =~ m{^/};
    return 'not a mount: ' . join ' ', split /\0/ unless $kind eq 'mount' && @part == 5 && $part[2] =~ m{^/} && $part[3] =~ /^\d{1,10}\z/;
    # The kernel would take the first page of it and say nothing.
    return "the options of the mount on $part[2] are longer than a page" if length $part[4] >= PAGE;
  }
  if (@{ $b->{arrange} }) {
    return 'arrange needs mounts' unless $b->{mounts};
    for (@{ $b->{arrange} }) { return 'not to be arranged: ' . join ' ', split /\0/ unless /^(?:map|layer|enter|mount|hold|proc)\0/ }
    # Before the fork, in the spawner, and only where there are such containers.
    return 'arrange.pl is missing' unless eval { require "$arranger" };
  }
  return 'a terminal needs its path as stdin' if $b->{terminal} && !defined $b->{stdin};
  return 'stdin must be an absolute path' if defined $b->{stdin} && $b->{stdin} !~ m{^/[^\0]+\z};
  return "not a UID:GID: $b->{owner}" if defined $b->{owner} && $b->{owner} !~ /^\d{1,9}:\d{1,9}\z/;
  return '';
}

# Leaves the machine's mount namespace for one of its own, which the kernel unmounts with its last process. What the machine
# unmounts later is unmounted here as well, and nothing that is mounted here is seen there.
sub leave_mounts {
  my ($b, $what) = @_;
  $$what = 'a mount namespace';
  return 0 unless syscall($NR{unshare}, CLONE_NEWNS) == 0 && mount_on('', '', '/', MS_REC | MS_SLAVE, '');
  for (@{ $b->{mount} }) {
    my ($kind, @part) = split /\0/, $_, -1;
    if ($kind eq 'unmount') {
      # No mount, or nothing at all, is what was wanted.
      syscall($NR{umount2}, $$what = $part[0], MNT_DETACH) == 0 or $! == 22 or $! == 2 or return 0;
      next;
    }
    $$what = length $part[1] ? "$part[1] on $part[2]" : $part[2];
    $0 = "at mounts of $$what";
    mount_on(@part) or return 0;
  }
  return 1;
}

sub arrange {
  my ($b, $what) = @_;
  for (@{ $b->{arrange} }) {
    my ($verb, @part) = split /\0/, $_, -1;
    $$what = "@part";
    Arrange::carry_out($verb, @part) or return 0;
  }
  return 1;
}

sub mount_on {
  my ($type, $source, $target, $flags, $data) = @_;
  return syscall($NR{mount}, length $source ? $source : 0, $target, length $type ? $type : 0, 0 + $flags, length $data ? $data : 0) == 0;
}

# What only root can open, and what the launcher's client chose: stdin, a terminal, outputs that belong to somebody else than the process.
sub open_as_root {
  my ($b, $what) = @_;
  return take_terminal($b, $what) if $b->{terminal};
  if (defined $b->{stdin}) { open_stdin($$what = $b->{stdin}) or return 0 }
  return 1 unless defined $b->{owner};
  my ($uid, $gid) = map { 0 + $_ } split /:/, $b->{owner};
  return open_owned(1, $$what = $b->{out}, $uid, $gid) && open_owned(2, $$what = $b->{err}, $uid, $gid);
}

sub open_as_user {
  my ($b, $what) = @_;
  return 1 if $b->{terminal};
  if (!defined $b->{stdin}) { onto(0, $$what = '/dev/null', 0) or return 0 }
  return 1 if defined $b->{owner};
  return onto(1, $$what = $b->{out}, OPEN_APPEND | $NR{nofollow}) && onto(2, $$what = $b->{err}, OPEN_APPEND | $NR{nofollow});
}

# A FIFO is opened without waiting for whoever writes to it: without a writer it is at its end, as when the writer has died.
sub open_stdin {
  my ($path) = @_;
  return 0 unless onto(0, $path, OPEN_WITHOUT_WAITING | $NR{nofollow});
  return syscall($NR{fcntl}, 0, 4, 0) == 0;   # F_SETFL: reads wait from now on
}

# The session's terminal at all three. It belongs to the process's user from then on, as after a login.
sub take_terminal {
  my ($b, $what) = @_;
  onto(0, $$what = $b->{stdin}, OPEN_BOTH_WAYS | $NR{nofollow}) or return 0;
  return 0 unless syscall($NR{ioctl}, 0, TIOCSCTTY, 0) == 0;
  my ($uid) = split /:/, $b->{as};
  syscall($NR{fchown}, 0, 0 + $uid, -1) if defined $uid;
  return syscall($NR{dup3}, 0, 1, 0) >= 0 && syscall($NR{dup3}, 0, 2, 0) >= 0;
}

# Whoever can write to the folder could have put something else there: only a plain file of one name is given away.
sub open_owned {
  my ($target, $path, $uid, $gid) = @_;
  my $fd = open_past_links($path, OPEN_APPEND | OPEN_WITHOUT_WAITING);
  return 0 unless $fd >= 0 && syscall($NR{dup3}, $fd, $target, 0) >= 0;
  open $kept[$target], '>>&=', $target or return 0;   # kept, as a handle that goes closes its descriptor
  my $links = (stat $kept[$target])[3];
  my $plain = -f _ && $links == 1;
  if (!$plain) { $! = 1; return 0 }
  syscall($NR{fcntl}, $target, 4, 02000) == 0 or return 0;   # F_SETFL, O_APPEND
  return syscall($NR{fchown}, $target, $uid, $gid) == 0;
}

# Folder by folder, each held by a descriptor. A link is followed only out of folders in which root alone can make one: a sandbox may lie
# below another, whose user can put anything there.
sub open_past_links {
  my ($path, $flags) = @_;
  my @open = grep { length && $_ ne '.' } split m{/}, $path;
  my $folder = O_PATH | ($NR{nofollow} == 0400000 ? 0200000 : 040000);   # O_DIRECTORY
  my ($last, $at, $trusted, $links) = (pop @open, open_file('/', $folder), 1, 0);
  while (defined(my $name = shift @open)) {
    my ($mode, $uid) = (stat "/proc/self/fd/$at")[2, 4];
    $trusted &&= $uid == 0 && !($mode & 022);
    my $next = syscall($NR{openat}, $at, $name, $folder | CLOSE_ON_EXEC | $NR{nofollow}, 0);
    if ($next < 0) {
      return -1 unless $! == 20 || $! == 40;   # ENOTDIR or ELOOP, of a link
      my $target = readlink "/proc/self/fd/$at/$name";
      if (!defined $target || !$trusted || ++$links > LINKS_MAX) { $! = 40; return -1 }
      unshift @open, grep { length && $_ ne '.' } split m{/}, $target;
      $next = open_file($target =~ m{^/} ? '/' : "/proc/self/fd/$at", $folder);
    }
    syscall($NR{close}, $at);
    $at = $next;
  }
  return syscall($NR{openat}, $at, $last, $flags | CLOSE_ON_EXEC | $NR{nofollow}, 0644);
}

1;
