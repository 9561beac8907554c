#!/usr/bin/perl
# The keeper of one terminal: holds its master end, so that the terminal outlives the agent. A box of the launcher like any other.
#
#   perl console.pl DIR ROWS COLUMNS pts|socket
#
# pts: makes a terminal itself and writes the name of its other end into DIR/pts. socket: takes the master end of a terminal that somebody
# else made, and sends over DIR/console.sock, as OCI runtimes do with --console-socket. Whichever file it is, all is ready when it is there.
#
# What the terminal shows is appended to stdout, which the launcher bounds like that of any other. DIR/input.sock takes one writer at a
# time, and a new one replaces the old:
#   D LENGTH\n BYTES   typed · W ROWS COLUMNS\n   the terminal's size · E\n   the terminal's character for end of file
# While the terminal takes nothing, nothing is read from the writer. It ends, and leaves no file behind, when all who had the
# terminal open have closed it and all that they wrote is copied.
use strict;
use warnings;

use constant { TIOCSPTLCK => 0x40045431, TIOCGPTN => 0x80045430, TIOCSWINSZ => 0x5414, TCGETS => 0x5401, VEOF_AT => 21 };
use constant { O_RDWR => 2, O_NOCTTY => 0400, O_NONBLOCK => 04000, F_SETFL => 4, EINTR => 4, EAGAIN => 11 };
use constant { SCM_RIGHTS => 1, SOL_SOCKET => 1, MSG_CMSG_CLOEXEC => 0x40000000 };
use constant { PIECE => 1 << 16, TYPED_MAX => 1 << 16, FRAME_MAX => 64, MASTERS_MAX => 4 };

die "usage: perl console.pl DIR ROWS COLUMNS pts|socket\n" unless @ARGV == 4 && "@ARGV[1, 2]" =~ /^\d{1,5} \d{1,5}\z/ && $ARGV[3] =~ /^(?:pts|socket)\z/;
my ($dir, $rows, $columns, $mode) = @ARGV;
chdir $dir or die "cannot enter $dir: $!\n";
umask 077;
$SIG{PIPE} = 'IGNORE';

my ($master, $writer, $in, $typed, $left) = (undef, undef, '', '', 0);   # left: bytes of a D frame that are still to come
my $inputs = listen_at('input.sock');
my $consoles = $mode eq 'socket' ? listen_at('console.sock') : undef;
if ($mode eq 'pts') { own_terminal() }
turn() while 1;

sub turn {
  my ($ready, $writable) = ('', '');
  for my $fh ($inputs, $consoles, $master) { vec($ready, fileno $fh, 1) = 1 if $fh }
  # Without a terminal, or with a slow one, what is typed waits where it is.
  vec($ready, fileno $writer, 1) = 1 if $writer && $master && length $typed < TYPED_MAX;
  vec($writable, fileno $master, 1) = 1 if $master && length $typed;
  select($ready, $writable, undef, undef) > 0 or return;
  my $is = sub { $_[0] && vec($ready, fileno $_[0], 1) };
  my $was = $writer;
  show() if $is->($master);
  type() if $master && vec($writable, fileno $master, 1);
  hear() if $was && $is->($was);
  take_master() if $is->($consoles);
  take_writer() if $is->($inputs);
}

# ---- the terminal --------------------------------------------------------------------------------------------------------

sub own_terminal {
  sysopen my $ptmx, '/dev/ptmx', O_RDWR | O_NOCTTY or die "/dev/ptmx: $!\n";
  ioctl $ptmx, TIOCSPTLCK, my $unlocked = pack 'i', 0 or die "unlock: $!\n";
  ioctl $ptmx, TIOCGPTN, my $number = pack 'I', 0 or die "name of the terminal: $!\n";
  keep($ptmx);
  open my $name, '>', 'pts.new' or die "pts: $!\n";
  syswrite $name, '/dev/pts/' . unpack 'I', $number;
  close $name;
  rename 'pts.new', 'pts' or die "pts: $!\n";
}

sub keep {
  ($master) = @_;
  fcntl $master, F_SETFL, O_NONBLOCK;
  resize($rows, $columns);
}

sub resize { ioctl $master, TIOCSWINSZ, my $size = pack 'SSSS', @_, 0, 0 }

sub end_of_file {
  my $settings = "\0" x 64;
  return ioctl($master, TCGETS, $settings) ? substr $settings, VEOF_AT, 1 : "\4";
}

# At its end the kernel says an error, once all is read. A full disk must not stop who writes to the terminal.
sub show {
  my $got = sysread $master, my $shown, PIECE;
  if (!$got) { leave() if defined $got || $! != EAGAIN && $! != EINTR; return }
  for (my $at = 0; $at < $got;) { $at += syswrite(STDOUT, $shown, $got - $at, $at) || last }
}

sub type {
  my $done = syswrite $master, $typed;
  substr $typed, 0, $done, '' if $done;
}

sub leave {
  unlink qw(input.sock console.sock pts);
  exit 0;
}

# The master end comes with a message of any text (unix(7), cmsg(3)); of several descriptors the first is it.
sub take_master {
  accept my $from, $consoles or return;
  my ($text, $rights) = ("\0" x 4096, "\0" x (16 + 8 * MASTERS_MAX));
  my $piece = pack 'P Q', $text, length $text;
  my $message = pack 'Q L x4 P Q P Q i x4', 0, 0, $piece, 1, $rights, length $rights, 0;
  return if syscall(recvmsg_number(), fileno $from, $message, MSG_CMSG_CLOEXEC) < 0;
  my ($length, $level, $type) = unpack 'Q i i', $rights;
  return unless $length > 16 && $level == SOL_SOCKET && $type == SCM_RIGHTS;
  my @fds = unpack 'x16 i' . ($length - 16 >> 2), $rights;
  my @handles = grep { $_ } map { open my $fh, '+<&=', $_; $fh } @fds;
  return unless @handles;
  keep($handles[0]);
  $consoles = undef;
  unlink 'console.sock';
}

# By the machine field of our own ELF header, as in spawner.pl.
sub recvmsg_number {
  sysopen my $self, '/proc/self/exe', 0 or die "no /proc: $!\n";
  sysread $self, my $head, 20;
  return unpack('x18 S', $head) == 62 ? 47 : 212;
}

# ---- who types -----------------------------------------------------------------------------------------------------------

# The name is there only when somebody listens.
sub listen_at {
  my ($name) = @_;
  unlink $name, "$name.new";
  socket my $fh, 1, 1, 0 or die "socket: $!\n";
  bind $fh, pack 'S a*', 1, "$name.new\0" or die "cannot listen at $dir/$name: $!\n";
  listen $fh, 4 or die "listen: $!\n";
  rename "$name.new", $name or die "$dir/$name: $!\n";
  return $fh;
}

# What the one before has typed is typed; half a frame of it is not waited for.
sub take_writer {
  accept my $fh, $inputs or return;
  ($writer, $in, $left) = ($fh, '', 0);
}

sub hear {
  my $got = sysread $writer, $in, PIECE, length $in;
  if (!$got) { $writer = undef if defined $got || $! != EINTR; return }
  1 while length $in && frame();
}

# One frame, or what has come of it; false when more must come first.
sub frame {
  if ($left) {
    my $part = substr $in, 0, $left, '';
    $left -= length $part;
    $typed .= $part;
    return 1;
  }
  return $writer = undef if length $in > FRAME_MAX && index($in, "\n") < 0;
  $in =~ s/^([^\n]*)\n// or return 0;
  my $order = $1;
  if ($order =~ /^D (\d{1,9})\z/) { $left = $1 }
  elsif ($order =~ /^W (\d{1,5}) (\d{1,5})\z/) { resize($1, $2) }
  elsif ($order eq 'E') { $typed .= end_of_file() }
  else { return $writer = undef }
  return 1;
}
