# The spawner: makes the launcher's children. Loaded by launcher.pl before everything else.
#
# A fork shares all memory until one side writes, so a fork costs what the forking process has in memory and what it touches
# next. So this small process is forked off first and does nothing else, and the launcher, which keeps the books, never forks a task.
# The children are the launcher's own all the same (CLONE_PARENT): the launcher reaps and signals them.
#
# Orders come in as the spawn lines of launcher.pl with mark= and as= (uid:gid:groups…) added. News go out as lines:
#   born ID PID · up ID PID START, just before exec, when the child is on record · failed ID STAGE ERRNO TEXT [PID]
use strict;
use warnings;

our %NR = system_calls();
BEGIN { my ($parts) = __FILE__ =~ m{^(.*)/}; require "$parts/$_.pl" for qw(room devices) }

# ---- what both processes need ---------------------------------------------------------------------------------------------

sub escape { my ($text) = @_; $text =~ s/([%\t\n\r\0])/sprintf '%%%02X', ord $1/ge; return $text }
sub unescape { my ($text) = @_; $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge if index($text, '%') >= 0; return $text }
sub slurp {
  my ($path) = @_;
  sysopen my $fh, $path, 0 or return undef;
  my ($text, $got) = ('');
  1 while $got = sysread $fh, $text, 4096, length $text;
  return defined $got ? $text : undef;
}

# All of a text at the end of a file, or nothing of it: half a line would spoil the line that follows.
sub put_whole {
  my ($fd, $text) = @_;
  my $put = syscall($NR{write}, $fd, $text, length $text);
  return 1 if $put == length $text;
  return 0 if $put < 0;
  my $end = syscall($NR{lseek}, $fd, 0, 1);
  syscall($NR{ftruncate}, $fd, $end - $put) if $end == syscall($NR{lseek}, $fd, 0, 2);
  $! = 28;   # ENOSPC
  return 0;
}

# Seconds that never jump, whatever happens to the wall clock.
sub clock { my $at = "\0" x 16; syscall($NR{clock}, 1, $at); my ($s, $ns) = unpack 'qq', $at; return $s + $ns / 1e9 }

# State letter and start time in clock ticks since boot: with pid and boot id, that time names a process.
sub stat_of {
  my ($pid) = @_;
  sysopen my $fh, "/proc/$pid/stat", 0 or return;
  sysread $fh, my $text, 512 or return;
  return $text =~ /^.*\) (\S)(?: \S+){18} (\d+)/s;
}

sub names_in { my ($dir) = @_; opendir my $list, $dir or return; return grep { !/^\.\.?$/ } readdir $list }

# A bare descriptor, closed on exec: perl's own open asks the system five questions more.
sub open_file {
  my ($path, $flags) = @_;
  return syscall($NR{openat}, -100, $path, $flags | 02000000, 0644);
}

sub put {
  my ($path, $value) = @_;
  my $fd = open_file($path, 1);
  return 0 if $fd < 0;
  my $put = syscall($NR{write}, $fd, $value, length $value);
  my $why = $! + 0;
  syscall($NR{close}, $fd);
  $! = $why;
  return $put >= 0;
}

# Clock ticks since boot, as start times count.
sub ticks { my $at = "\0" x 16; syscall($NR{clock}, 7, $at); my ($s, $ns) = unpack 'qq', $at; return $s * 100 + int($ns / 1e7) }
sub lock_of { return pack 's s x4 q q l x4', 1, 0, $_[0], 1, 0 }   # struct flock: F_WRLCK of that one byte

# One fact of the record: CHECKSUM KIND fields. B version, boot id, last exit number · S a container · N what else there is to know
# of the one just told · E its exit · F forget it.
sub record_line { my $text = join "\t", map { escape($_) } @_; return checksum($text) . "\t$text\n" }
sub checksum { my ($text) = @_; return sprintf '%08x%08x', unpack('%32N*', "$text\0\0\0"), unpack('%32n*', "\0$text\0") }

sub box_line {
  my ($b) = @_;
  my $line = record_line('S', @{$b}{qw(id pid start mark user max keep out err kill oom peak shared)}, @{ $b->{mkdir} });
  return $line unless defined $b->{pidfile} || defined $b->{owner} || $b->{init};
  return $line . record_line('N', $b->{id}, map { "$_=$b->{$_}" } grep { defined $b->{$_} } qw(pidfile log owner init bound));
}

sub quit { syscall($NR{exit_group}, 0 + $_[0]); kill 9, $$ }

# By the machine field of our own ELF header: x86_64, or the common numbers of arm64 and riscv64.
sub system_calls {
  sysopen my $self, '/proc/self/exe', 0 or die "no /proc: $!\n";
  sysread $self, my $head, 20;
  my $machine = unpack 'x18 S', $head;
  my %common = (pidfd_send_signal => 424, pidfd_open => 434, close_range => 436);
  return (%common, nofollow => 0400000, prctl => 157, setsid => 112, sigprocmask => 14, signalfd => 289, eventfd => 290, prlimit => 302, io_setup => 206, io_submit => 209,
    io_getevents => 208, fdatasync => 75, fsync => 74, execve => 59, clone => 56, exit_group => 231, dup3 => 292, fallocate => 285, setgroups => 116, setresgid => 119, setresuid => 117,
    read => 0, write => 1, unshare => 272, mount => 165, umount2 => 166, ioctl => 16, fchown => 93, mknodat => 259, bpf => 321, waitid => 247, openat => 257, lseek => 8, ftruncate => 77, close => 3, fcntl => 72, clock => 228) if $machine == 62;
  return (%common, nofollow => $machine == 183 ? 0100000 : 0400000, prctl => 167, setsid => 157, sigprocmask => 135, signalfd => 74, eventfd => 19, prlimit => 261, io_setup => 0, io_submit => 2,
    io_getevents => 4, fdatasync => 83, fsync => 82, execve => 221, clone => 220, exit_group => 94, dup3 => 24, fallocate => 47, setgroups => 159, setresgid => 149, setresuid => 147,
    read => 63, write => 64, unshare => 97, mount => 40, umount2 => 39, ioctl => 29, fchown => 55, mknodat => 33, bpf => 280, waitid => 95, openat => 56, lseek => 62, ftruncate => 46, close => 57, fcntl => 25, clock => 113) if $machine == 183 || $machine == 243;
  die "no system call numbers for ELF machine $machine\n";
}

# ---- the spawner ---------------------------------------------------------------------------------------------------------

# Forks a spawner in the current folder; returns its pid, the handle that takes its orders and the one that brings its news.
sub hire {
  socketpair(my $orders, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  pipe(my $news, my $tell) or die "pipe: $!\n";
  my $pid = fork;
  die "fork: $!\n" unless defined $pid;
  return ($pid, $orders, $news) if $pid;
  my %keep = map { fileno $_ => 1 } $theirs, $tell;
  syscall($NR{close}, 0 + $_) for grep { $_ > 2 && !$keep{$_} } names_in('/proc/self/fd');
  syscall($NR{sigprocmask}, 2, my $none = pack('Q', 0), 0, 8);
  for (keys %SIG) { $SIG{$_} = 'DEFAULT' if ($SIG{$_} || '') eq 'IGNORE' }   # perl itself ignores SIGFPE
  $0 = 'meseta-spawner';
  spawn_all($theirs, $tell);
}

# Ends when the launcher does.
sub spawn_all {
  my ($in, $tell) = @_;
  my ($buffer, $from, $born) = ('', 0, '');
  while (sysread $in, $buffer, 1 << 16, length $buffer) {
    while ((my $to = index $buffer, "\n", $from) >= 0) {
      # Read before the fork: what the child would write it would have to copy.
      my $b = parse_order(substr $buffer, $from, $to - $from);
      my $id = $b->{id};
      $b->{before} = ticks();
      my $pid = syscall($NR{clone}, 0x8011, 0, 0, 0, 0);   # CLONE_PARENT | SIGCHLD
      become($tell, $b) if $pid == 0;
      $born .= $pid > 0 ? "born\t$id\t$pid\n" : "failed\t$id\tmachine\t" . ($! + 0) . "\tfork: $!\n";
      if (length $born > 3000) { syswrite $tell, $born; $born = '' }
      $from = $to + 1;
    }
    substr $buffer, 0, $from, '';
    $from = 0;
    syswrite $tell, $born;
    $born = '';
  }
  quit(0);
}

# In the child: nothing here may return.
sub become {
  my ($tell, $b) = @_;
  my ($stage, $what, $id) = ('spec', $b->{wrong}, $b->{id});
  eval {
    if (length $what) { $! = 22; die }
    $stage = 'machine';
    syscall($NR{setsid});
    $b->{pid} = $$;
    # The kernel took the start time between two looks at its clock; /proc, which is slow, is asked only when they differ.
    $b->{start} = ticks();
    $b->{start} = (stat_of('self'))[1] if $b->{start} != $b->{before};
    my $record = open_file('launcher.record', 02001);   # O_WRONLY | O_APPEND
    die if $record < 0;
    # The byte of the record file with our pid's number stays locked until exec closes the file: so the launcher sees it happen.
    syscall($NR{fcntl}, $record, 6, my $lock = lock_of($$)) == 0 or die;   # F_SETLK
    $stage = at('limits');
    join_cgroups($b, \$what) or die;
    limit($b, \$what) or die;
    umask 022;
    $stage = at('mounts');
    leave_mounts($b, \$what) or die if $b->{mounts};
    $stage = 'runtime';
    arrange($b, \$what) or die if @{ $b->{arrange} };
    $stage = at('output');
    open_as_root($b, \$what) or die;
    ($stage, $what) = ('user', "user $b->{user}");
    take_identity($b->{as}) or die;
    ($stage, $what) = (at('directory'), $b->{cwd});
    chdir $b->{cwd} or die;
    $stage = at('output');
    open_as_user($b, \$what) or die;
    ($stage, $what) = (at('command'), $b->{file});
    my @files = runnable($b) or die;
    ($stage, $what) = ('machine', 'launcher.record');
    my $entry = box_line($b);
    put_whole($record, $entry) or die;
    # Without a launcher to hear this the write ends us.
    syswrite $tell, "up\t$id\t$$\t$b->{start}\n" or quit(1);
    syscall($NR{close_range}, 3, 0xffffffff, 4);   # close on exec, whatever slipped in
    ($stage, $what) = ('command', $b->{file});
    run($b, @files);
    die;
  };
  my ($errno, $text) = ($! + 0, "$!");
  $text = "$what: $text" if length $what;
  $text = $what if $stage eq 'spec';
  syswrite $tell, join("\t", 'failed', $id, $stage, $errno, escape(substr $text, 0, 1000), $$) . "\n";
  quit(1);
}

# The name of the process tells how far it is, to whoever asks why it does not go on (patience.pl).
sub at { my ($stage) = @_; syscall($NR{prctl}, 15, my $name = "at $stage"); return $stage }   # PR_SET_NAME

sub parse_order {
  my ($line) = @_;
  my ($id, @field) = split /\t/, $line, -1;
  my $b = { id => $id, out => '', err => '', max => 0, keep => 0, kill => '', oom => '', peak => '', shared => 0, user => '', mark => 0, as => '', file => '', cwd => '',
    arg => [], env => [], rlimit => [], mkdir => [], write => [], join => [], mount => [], arrange => [] };
  for (@field) {
    my ($key, $value) = split /=/, $_, 2;
    $value = unescape($value) if index($value, '%') >= 0;
    if (ref $b->{$key}) { push @{ $b->{$key} }, $value } else { $b->{$key} = $value }
  }
  $b->{max} = 0 if $b->{terminal};
  $b->{wrong} = wrong_spec($b);
  return $b;
}

sub wrong_spec {
  my ($b) = @_;
  for my $key (qw(cwd out err)) { return "$key must be an absolute path" unless $b->{$key} =~ m{^/} }
  return $b->{wrong} if length($b->{wrong} = wrong_room($b));
  return 'file and arg are needed' unless length $b->{file} && @{ $b->{arg} };
  for (@{ $b->{rlimit} }) { return "not an rlimit: $_" unless /^\d{1,2}:\d{1,20}:\d{1,20}$/ }
  for (@{ $b->{env} }) { return 'a variable needs NAME=VALUE' unless /^[^=]+=/s }
  for (@{ $b->{env} }, @{ $b->{arg} }, @{$b}{qw(file cwd out err)}) { return 'a NUL byte in a text' if index($_, "\0") >= 0 }
  return '';
}

sub join_cgroups {
  my ($b, $what) = @_;
  # A shared folder may be removed by the last of its group between our mkdir and our joining: then it is made again.
  for my $try (1 .. 5) {
    for (@{ $b->{mkdir} }) { $$what = $_; mkdir $_, 0755 or $! == 17 or return 0 }
    my $gone = 0;
    if (defined $b->{devices}) {
      ($$what, my $program) = split / /, $b->{devices};
      if (!filter_devices($$what, $program)) { return 0 unless $! == 2 && $try < 5; next }
    }
    for (@{ $b->{write} }, map { "$_ 0" } @{ $b->{join} }) {
      ($$what, my $value) = split / /, $_, 2;
      next if put($$what, $value);
      return 0 unless $! == 2 && $try < 5;
      $gone = 1;
      last;
    }
    return 1 unless $gone;
  }
}

# A container without a cgroup of its own has a mark that its descendants cannot shed (but for root):
# a limit on real-time use, far too high to matter.
sub limit {
  my ($b, $what) = @_;
  for (@{ $b->{rlimit} }, $b->{mark} ? "15:$b->{mark}:$b->{mark}" : ()) {
    my ($n, $soft, $hard) = map { 0 + $_ } split /:/;
    $$what = "rlimit $n";
    # A task's own limit on real-time use came first, and the mark gives way to it.
    syscall($NR{prlimit}, 0, $n, my $pair = pack('QQ', $soft, $hard), 0) == 0 or $n == 15 or return 0;
  }
  return 1;
}

# Looked up before the start is told, so that a wrong name is a failed launch.
sub runnable {
  my ($b) = @_;
  my ($path) = map { /^PATH=(.*)/s ? $1 : () } @{ $b->{env} };
  my @all = index($b->{file}, '/') >= 0 ? $b->{file} : map { (length $_ ? $_ : '.') . "/$b->{file}" } split /:/, defined $path ? $path : '/usr/bin:/bin';
  my $best = 2;
  for my $file (@all) {
    if (!-e $file) { $best = $! + 0 if $! != 2; next }
    return $file if -f _ && -x _;
    $best = 13;
  }
  $! = $best;
  return;
}

# A script without its first line is run by the shell, as everywhere.
sub run {
  my ($b, $file) = @_;
  my $env = pack 'p*', @{ $b->{env} }, undef;
  my $args = pack 'p*', @{ $b->{arg} }, undef;
  syscall($NR{execve}, $file, $args, $env);
  return if $! != 8;
  my @shell = ('sh', $file, @{ $b->{arg} }[1 .. $#{ $b->{arg} }]);
  syscall($NR{execve}, my $sh = '/bin/sh', $args = pack('p*', @shell, undef), $env);
}

# UID:GID:GROUPS…, or nothing: stays who it is.
sub take_identity {
  my ($uid, $gid, @groups) = map { 0 + $_ } split /:/, $_[0];
  return 1 unless defined $gid;
  my $list = pack 'L*', @groups;
  return syscall($NR{setgroups}, scalar @groups, $list) == 0 && syscall($NR{setresgid}, $gid, $gid, $gid) == 0 && syscall($NR{setresuid}, $uid, $uid, $uid) == 0;
}

# The file of this path as this descriptor.
sub onto {
  my ($target, $path, $flags) = @_;
  my $fd = open_file($path, $flags);
  return $fd >= 0 && syscall($NR{dup3}, $fd, $target, 0) >= 0;
}

1;
