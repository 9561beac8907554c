#!/usr/bin/perl
# Makes the mounts of one container that mount(2) on a plain path cannot make, in the container's own mount namespace, so that nothing
# of this is ever left behind. The launcher's spawner has it loaded, and its child does this between fork and exec: another program there
# would take longer to start than all of it. Only what may take long, copying, is done by a program, which becomes the runtime then:
#   perl arrange.pl FILE LOG COMMAND ARG…
# FILE has an order a line; fields are parted by tabs; % TAB LF and CR inside a field are written %XX:
#   map FIRST COUNT          the ids of this machine that root inside and those after it are
#   layer FOLDER TARGET      FOLDER as it is at TARGET; with a map before, its files belong to the mapped ids
#   enter FOLDER             paths of `mount` begin here: a whole page of options holds more layers then
#   mount TYPE SOURCE TARGET FLAGS DATA
#   hold PATH TARGET MAKE    PATH at TARGET, where no part of PATH may be a link: somebody untrusted can write there. MAKE is empty, or
#                            UID:GID to make missing folders for; the last one is also given to them while it is root's and empty
#   proc NAMESPACE TARGET    processes as that pid namespace sees them, at TARGET: a user namespace cannot mount it of one that is not its own
#   copy FOLDER TARGET FIRST FOLDER's files into TARGET as an upper layer over what is there, their ids moved up by FIRST
# What goes wrong is the last line of LOG.
package Arrange;
use strict;
use warnings;

our %NR = numbers();
my %do = (map => \&map_ids, layer => \&layer, enter => \&enter, mount => \&mount_on, hold => \&hold, proc => \&mount_proc, copy => \&copy_layer);
my ($users, $copying) = (-1);

use constant { AT_FDCWD => -100, OPEN_TREE_CLONE => 1, CLOEXEC => 02000000, RECURSIVE => 0x8000, EMPTY_PATH => 0x1000, MOVE_EMPTY_PATH => 4, IDMAP => 0x100000, NEWUSER => 0x10000000, NEWPID => 0x20000000, SAFE => 14 };
use constant { O_PATH => 010000000, S_IFMT => 0170000, S_IFLNK => 0120000, ENOENT => 2, EEXIST => 17 };

run_program(@ARGV) unless caller;

# One order; false with $! when it went wrong.
sub carry_out {
  my ($verb, @field) = @_;
  $0 = "at $verb @field";   # told when it hangs here
  return $do{$verb}->(@field);
}

sub run_program {
  my ($orders, $log, @command) = @_;
  open my $lines, '<', $orders or fail($log, $orders);
  while (my $line = <$lines>) {
    chomp $line;
    my ($verb, @field) = map { s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split /\t/, $line, -1;
    carry_out($verb, @field) or fail($log, "@field");
  }
  chdir '/';
  { no warnings 'exec'; exec { $command[0] } @command }
  fail($log, $command[0]);
}

sub fail {
  my ($log, $what) = @_;
  my $text = "$what: $!\n";
  open my $out, '>>', $log;
  syswrite $out, $text;
  exit 1;
}

# The map is made by a process that is in a user namespace for this alone.
sub map_ids {
  my ($first, $count) = @_;
  pipe my $ready, my $tell or return 0;
  my $pid = fork;
  return 0 unless defined $pid;
  # Held by the child alone: one that dies without a word is not waited for.
  close $tell if $pid;
  if (!$pid) {
    syswrite $tell, syscall($NR{unshare}, NEWUSER) == 0 ? 'y' : 'n';
    sleep 60;
    exit;
  }
  sysread $ready, my $answer, 1;
  my $well = ($answer || '') eq 'y' && put("/proc/$pid/uid_map", "0 $first $count") && put("/proc/$pid/gid_map", "0 $first $count");
  $users = syscall($NR{openat}, AT_FDCWD, my $path = "/proc/$pid/ns/user", CLOEXEC) if $well;
  my $why = $! + 0;
  kill 9, $pid;
  waitpid $pid, 0;
  $! = $why;
  return $users >= 0;
}

sub layer {
  my ($folder, $target) = @_;
  make_folder($target) or return 0;
  my $tree = syscall($NR{open_tree}, AT_FDCWD, $folder, OPEN_TREE_CLONE | CLOEXEC);
  return 0 if $tree < 0;
  return 0 if $users >= 0 && syscall($NR{mount_setattr}, $tree, my $none = '', EMPTY_PATH, my $set = pack('Q4', IDMAP, 0, 0, $users), 32) != 0;
  return put_tree($tree, $target);
}

sub put_tree {
  my ($tree, $target) = @_;
  my $well = syscall($NR{move_mount}, $tree, my $none = '', AT_FDCWD, $target, MOVE_EMPTY_PATH) == 0;
  my $why = $! + 0;
  syscall($NR{close}, $tree);
  $! = $why;
  return $well;
}

sub make_folder { my ($path) = @_; return -d $path || mkdir $path, 0755 }
sub enter { my ($folder) = @_; return make_folder($folder) && chdir $folder }

sub mount_on {
  my ($type, $source, $target, $flags, $data) = @_;
  return syscall($NR{mount}, length $source ? $source : 0, $target, length $type ? $type : 0, 0 + $flags, length $data ? $data : 0) == 0;
}

# Step by step, each held by a descriptor, so that nobody can put a link in its place meanwhile.
sub hold {
  my ($path, $target, $make) = @_;
  my @names = grep { length && $_ ne '.' } split m{/}, $path;
  my $at = syscall($NR{openat}, AT_FDCWD, my $root = '/', O_PATH | CLOEXEC);
  for my $name (@names) {
    my $next = step($at, $name, $make);
    my $why = $! + 0;
    syscall($NR{close}, $at);
    $! = $why;
    return 0 if $next < 0;
    $at = $next;
  }
  give_fresh($at, $make) or return 0 if length $make;
  my $tree = syscall($NR{open_tree}, $at, my $none = '', EMPTY_PATH | OPEN_TREE_CLONE | CLOEXEC | RECURSIVE);
  return 0 if $tree < 0;
  stand_in($target, -d "/proc/self/fd/$at") or return 0;
  return put_tree($tree, $target);
}

# What root made before the folder had a user, such as a persistent volume, is its first user's: as giveFresh in lib/io/held-folder.ts.
sub give_fresh {
  my ($at, $make) = @_;
  my $here = "/proc/self/fd/$at";
  return 1 unless -d $here && (stat _)[4] == $>;
  opendir my $names, $here or return 0;
  return 1 if grep { !/^(?:\.\.?|lost\+found)\z/ } readdir $names;
  my ($uid, $gid) = split /:/, $make;
  return syscall($NR{fchownat}, $at, my $none = '', 0 + $uid, 0 + $gid, EMPTY_PATH) == 0;
}

sub step {
  my ($at, $name, $make) = @_;
  my $flags = O_PATH | CLOEXEC | $NR{nofollow};
  my $next = syscall($NR{openat}, $at, $name, $flags);
  if ($next < 0 && $! == ENOENT && length $make) {
    syscall($NR{mkdirat}, $at, $name, 0755) == 0 or $! == EEXIST or return -1;
    $next = syscall($NR{openat}, $at, $name, $flags);
    # Given as what is held, not by its name, which may be something else by now.
    if ($next >= 0 && !give_fresh($next, $make)) { my $why = $! + 0; syscall($NR{close}, $next); $! = $why; return -1 }
  }
  return $next if $next < 0;
  return $next unless is_link($next);
  $! = 40;   # ELOOP
  return -1;
}

# Asked of what is held: its name under /proc would always be a link.
sub is_link {
  my ($fd) = @_;
  my $stat = "\0" x 144;
  return 0 if syscall($NR{newfstatat}, $fd, my $none = '', $stat, EMPTY_PATH) != 0;
  return (unpack("x$NR{mode_at} L", $stat) & S_IFMT) == S_IFLNK;
}

# What is mounted shows the namespace of who mounts it, and only a child is ever in another one.
sub mount_proc {
  my ($namespace, $target) = @_;
  make_folder($target) or return 0;
  my $fd = syscall($NR{openat}, AT_FDCWD, $namespace, CLOEXEC);
  return 0 if $fd < 0;
  my $failed = in_child(sub { return $! + 0 if syscall($NR{setns}, $fd, NEWPID) != 0; return in_child(sub { return mount_on('proc', 'proc', $target, SAFE, '') ? 0 : $! + 0 }) });
  syscall($NR{close}, $fd);
  $! = $failed;
  return !$failed;
}

# What the work there answers: a number up to 255.
sub in_child {
  my ($work) = @_;
  my $pid = fork;
  return $! + 0 unless defined $pid;
  if (!$pid) { syscall($NR{exit_group}, 0 + $work->()); kill 9, $$ }
  waitpid $pid, 0;
  return $? & 127 ? 4 : $? >> 8;   # EINTR: it was killed
}

# Something of the same kind to mount on.
sub stand_in {
  my ($target, $is_folder) = @_;
  return make_folder($target) if $is_folder;
  open my $file, '>>', $target or return 0;
  return 1;
}

sub put {
  my ($path, $text) = @_;
  open my $file, '>', $path or return 0;
  return (syswrite $file, $text) // 0;
}

sub copy_layer {
  if (!$copying) { my ($parts) = __FILE__ =~ m{^(.*/)}; require "${parts}copy.pl"; $copying = 1 }
  return copy_over(@_);
}

# By the machine field of our own ELF header: x86_64, or the common numbers of arm64 and riscv64.
sub numbers {
  open my $self, '<', '/proc/self/exe' or die "no /proc: $!\n";
  sysread $self, my $head, 20;
  my $machine = unpack 'x18 S', $head;
  my %common = (open_tree => 428, move_mount => 429, mount_setattr => 442);
  return (%common, setns => 308, exit_group => 231, unshare => 272, openat => 257, close => 3, mount => 165, mkdirat => 258, fchownat => 260, newfstatat => 262, lgetxattr => 192, lsetxattr => 189, llistxattr => 195, mknodat => 259, utimensat => 280,
    nofollow => 0400000, mode_at => 24) if $machine == 62;
  return (%common, setns => 268, exit_group => 94, unshare => 97, openat => 56, close => 57, mount => 40, mkdirat => 34, fchownat => 54, newfstatat => 79, lgetxattr => 9, lsetxattr => 6, llistxattr => 12, mknodat => 33, utimensat => 88,
    nofollow => $machine == 183 ? 0100000 : 0400000, mode_at => 16) if $machine == 183 || $machine == 243;
  die "no system call numbers for ELF machine $machine\n";
}

1;
