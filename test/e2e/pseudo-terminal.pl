# pseudo-terminal.pl ROWS COLUMNS COMMAND…: runs the command in a terminal of its own, and ends with its code. What comes on stdin is
# typed there, what it shows goes to stdout; a line "ROWS COLUMNS" on descriptor 3 changes its size. Its device is the first line on
# stderr. The command ends with whoever closes stdin.
use strict;
use warnings;
use Fcntl;
use POSIX ();

use constant { TIOCSPTLCK => 0x40045431, TIOCGPTN => 0x80045430, TIOCSWINSZ => 0x5414, TIOCSCTTY => 0x540e };

my ($rows, $columns, @command) = @ARGV;
sysopen my $terminal, '/dev/ptmx', O_RDWR | O_NOCTTY or die "no terminal: $!";
my ($unlocked, $number) = (pack('i', 0), pack('i', 0));
ioctl $terminal, TIOCSPTLCK, $unlocked or die "unlocking: $!";
ioctl $terminal, TIOCGPTN, $number or die "its number: $!";
my $device = '/dev/pts/' . unpack 'i', $number;
resize($rows, $columns);
open my $sizes, '<&=', 3 or die "descriptor 3: $!";

pipe my $opened, my $opening or die "pipe: $!";
my $pid = fork // die "fork: $!";
if (!$pid) {
  POSIX::setsid();
  sysopen my $own, $device, O_RDWR or die "$device: $!";
  close $opening;
  ioctl $own, TIOCSCTTY, 0;
  open STDIN, '<&', $own;
  open STDOUT, '>&', $own;
  open STDERR, '>&', $own;
  close $_ for $own, $terminal, $sizes;
  exec @command or die "$command[0]: $!";
}
# Whoever opened the device before the command has it, and closed it again, would have hung up.
close $opening;
sysread $opened, my $nothing, 1;
syswrite STDERR, "$device\n";

my %from = (fileno(STDIN) => \*STDIN, fileno($sizes) => $sizes, fileno($terminal) => $terminal);
while ($from{fileno $terminal}) {
  my $ready = '';
  vec($ready, $_, 1) = 1 for keys %from;
  next if select($ready, undef, undef, undef) < 0;
  pass($_) for grep { vec $ready, $_, 1 } keys %from;
}
waitpid $pid, 0;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);

sub pass {
  my ($fd) = @_;
  my $read = sysread $from{$fd}, my $bytes, 65_536;
  if ($fd == fileno $terminal) { return $read ? syswrite(STDOUT, $bytes) : delete $from{$fd} }
  if (!$read) { delete $from{$fd}; kill 'HUP', $pid if $fd == fileno STDIN; return }
  return syswrite $terminal, $bytes if $fd == fileno STDIN;
  resize($1, $2) while $bytes =~ /(\d+) (\d+)\n/g;
}

sub resize { ioctl $terminal, TIOCSWINSZ, pack 'S4', @_[0, 1], 0, 0 or die "its size: $!" }
