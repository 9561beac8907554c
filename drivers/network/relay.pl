#!/usr/bin/perl
# The relay: connections into network namespaces of containers, for the checks of one agent. One process, many at once.
#
#   perl relay.pl DIR [IDLE_SECONDS]    listens on DIR/relay.sock, which only its owner may open
#
# A client writes one line, NAMESPACE ADDRESS PORT. A socket belongs for ever to the namespace in which it was made, so the relay
# enters that for the one moment of making it. The answer is "ok", or "failed TEXT" and the end; after "ok" all bytes go through,
# both ways, until both sides have said all. It ends with its folder, or when nobody came for a while. It needs nothing but perl-base.
use strict;
use warnings;
use Socket qw(inet_pton pack_sockaddr_in pack_sockaddr_in6 pack_sockaddr_un AF_INET AF_INET6 AF_UNIX SOCK_STREAM SOL_SOCKET SO_ERROR SOMAXCONN);

my ($parts) = $0 =~ m{^(/.*)/} or die "call it by its absolute path\n";
require "$parts/calls.pl";
use constant { CLIENTS_MAX => 256, LINE_MAX => 8192, BUFFER_MAX => 64 << 10, LOOK_SECONDS => 5, ASK_SECONDS => 10 };
use constant { EINTR => 4, EAGAIN => 11, EINPROGRESS => 115 };
our %NR;
my ($dir, $idle_seconds) = (@ARGV, 60);
die "usage: perl relay.pl DIR [IDLE_SECONDS]\n" unless defined $dir;
chdir $dir or die "cannot enter $dir: $!\n";
sysopen my $lock, 'relay.lock', 0102, 0600 or die "cannot open relay.lock: $!\n";
exit 0 unless flock $lock, 2 | 4;   # another one serves this folder
open my $home, '<', '/proc/self/ns/net' or die "no /proc: $!\n";
$SIG{PIPE} = 'IGNORE';
$0 = 'meseta-relay';
my $listener = listen_here();
my $inode = (lstat 'relay.sock')[1];
my %pair;   # number → {client, inside, line, ahead and back: what still has to go in, and out; state}
my ($last_number, $idle_since) = (0, time);
turn() while is_wanted();
unlink 'relay.sock' if is_ours();

sub is_ours { my (undef, $there) = lstat 'relay.sock'; return defined $there && $there == $inode }
sub is_wanted { return is_ours() && (%pair || time - $idle_since < $idle_seconds) }

sub listen_here {
  unlink 'relay.sock';
  umask 0177;
  socket my $socket, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
  # The name is relative, so that a long path does not hit the 107 bytes of a socket's name.
  bind $socket, pack_sockaddr_un('relay.sock') or die "cannot listen on $dir/relay.sock: $!\n";
  listen $socket, SOMAXCONN or die "listen: $!\n";
  $socket->blocking(0);
  return $socket;
}

sub turn {
  my ($read, $write) = ('', '');
  vec($read, fileno $listener, 1) = 1 if keys %pair < CLIENTS_MAX;
  for my $p (values %pair) {
    vec($read, fileno $p->{client}, 1) = 1 if hears_client($p);
    vec($write, fileno $p->{client}, 1) = 1 if length $p->{back};
    next unless $p->{inside};
    vec($read, fileno $p->{inside}, 1) = 1 if hears_inside($p);
    vec($write, fileno $p->{inside}, 1) = 1 if $p->{state} eq 'connecting' || $p->{state} eq 'open' && length $p->{ahead};
  }
  my $wait = $idle_seconds < LOOK_SECONDS ? $idle_seconds : LOOK_SECONDS;
  my $found = select $read, $write, undef, $wait;
  for my $p (values %pair) { drop($p) if $p->{state} eq 'asking' && time - $p->{since} > ASK_SECONDS }
  return if $found <= 0;
  for my $p (values %pair) { serve($p, $read, $write) }
  admit() if vec $read, fileno $listener, 1;
}

sub hears_client { my ($p) = @_; return !$p->{client_done} && $p->{state} ne 'refused' && length $p->{ahead} < BUFFER_MAX }
sub hears_inside { my ($p) = @_; return $p->{state} eq 'open' && !$p->{inside_done} && length $p->{back} < BUFFER_MAX }

sub admit {
  while (keys %pair < CLIENTS_MAX && accept my $client, $listener) {
    $client->blocking(0);
    my $number = ++$last_number;
    $pair{$number} = { number => $number, client => $client, state => 'asking', since => time, ahead => '', back => '' };
  }
}

sub serve {
  my ($p, $read, $write) = @_;
  my ($client, $inside) = ($p->{client}, $p->{inside});
  if (vec($read, fileno $client, 1)) { take($p, $client, 'ahead', 'client_done') or return drop($p) }
  asked($p) if $p->{state} eq 'asking';
  if ($inside) {
    connected($p) if $p->{state} eq 'connecting' && vec $write, fileno $inside, 1;
    if (vec($read, fileno $inside, 1)) { take($p, $inside, 'back', 'inside_done') or return drop($p) }
  }
  pass($p);
}

# What has come in goes out at once, as far as it can; a side that has said all is told to the other.
sub pass {
  my ($p) = @_;
  give($p->{client}, \$p->{back}) or return drop($p);
  if ($p->{state} eq 'open') { give($p->{inside}, \$p->{ahead}) or return drop($p) }
  return drop($p) if $p->{state} eq 'refused' && !length $p->{back};
  # Who leaves before he is connected wants nothing any more.
  return drop($p) if $p->{client_done} && $p->{state} =~ /^(?:asking|connecting)$/;
  return unless $p->{state} eq 'open';
  if ($p->{client_done} && !length $p->{ahead} && !$p->{told_inside}++) { shutdown $p->{inside}, 1 }
  if ($p->{inside_done} && !length $p->{back} && !$p->{told_client}++) { shutdown $p->{client}, 1 }
  drop($p) if $p->{told_inside} && $p->{told_client};
}

sub take {
  my ($p, $from, $buffer, $done) = @_;
  my $got = sysread $from, $p->{$buffer}, BUFFER_MAX, length $p->{$buffer};
  return $! == EAGAIN || $! == EINTR unless defined $got;
  $p->{$done} = 1 unless $got;
  return 1;
}

sub give {
  my ($to, $buffer) = @_;
  return 1 unless length $$buffer;
  my $done = syswrite $to, $$buffer;
  return $! == EAGAIN || $! == EINTR unless defined $done;
  substr $$buffer, 0, $done, '';
  return 1;
}

sub drop {
  my ($p) = @_;
  delete $pair{ $p->{number} };
  close $_ for grep { defined } @{$p}{qw(client inside)};
  $idle_since = time;
}

sub asked {
  my ($p) = @_;
  my $end = index $p->{ahead}, "\n";
  return $end < 0 && length $p->{ahead} < LINE_MAX ? undef : refuse($p, 'not a request') unless $end >= 0 && $end < LINE_MAX;
  my $line = substr $p->{ahead}, 0, $end + 1, '';
  my ($namespace, $address, $port) = $line =~ m{^(/.*) (\S+) (\d{1,5})\n\z} or return refuse($p, 'not a request');
  my ($family, $there) = place($address, $port) or return refuse($p, "$address is not an address");
  my $inside = socket_in($namespace, $family) or return refuse($p, "no socket in $namespace: $!");
  $inside->blocking(0);
  $p->{inside} = $inside;
  return answer($p, 'open', 'ok') if connect $inside, $there;
  return $p->{state} = 'connecting' if $! == EINPROGRESS;
  refuse($p, "$!");
}

sub place {
  my ($address, $port) = @_;
  return if $port > 65535;
  my $bytes = inet_pton(AF_INET, $address);
  return (AF_INET, pack_sockaddr_in($port, $bytes)) if defined $bytes;
  $bytes = inet_pton(AF_INET6, $address);
  return defined $bytes ? (AF_INET6, pack_sockaddr_in6($port, $bytes)) : ();
}

sub socket_in {
  my ($namespace, $family) = @_;
  open my $there, '<', $namespace or return;
  syscall($NR{setns}, fileno $there, NEWNET()) == 0 or return;
  my $made = socket my $socket, $family, SOCK_STREAM, 0;
  my $why = $! + 0;
  # In a foreign namespace nothing else may be done.
  syscall($NR{setns}, fileno $home, NEWNET()) == 0 or die "cannot come back: $!\n";
  $! = $why;
  return $made ? $socket : undef;
}

sub connected {
  my ($p) = @_;
  $! = unpack 'i', getsockopt $p->{inside}, SOL_SOCKET, SO_ERROR;
  return $! + 0 ? refuse($p, "$!") : answer($p, 'open', 'ok');
}

sub refuse { my ($p, $text) = @_; $text =~ s/\s+/ /g; answer($p, 'refused', "failed $text") }
sub answer { my ($p, $state, $text) = @_; $p->{state} = $state; $p->{back} .= "$text\n" }
