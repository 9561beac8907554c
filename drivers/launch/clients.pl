# The socket, and whoever is at it: bytes in, bytes out, within bounds. Loaded by launcher.pl.
use strict;
use warnings;

our ($DIR, %client, $wanted, $idle_since, $now);
my $listener;

sub listen_here {
  unlink 'launcher.sock';
  socket($listener, 1, 1, 0) or die "socket: $!\n";
  # The name is relative to DIR, so that a long path of the agent does not hit the 107 bytes of a socket's name.
  bind($listener, pack 'S a*', 1, "launcher.sock\0") or die "cannot listen on $DIR/launcher.sock: $!\n";
  listen($listener, 16) or die "listen: $!\n";
  nonblocking($listener);
  watch(fileno $listener, \&accept_client);
}

sub accept_client {
  accept(my $fh, $listener) or return;
  return if keys %client >= CLIENTS_MAX;
  nonblocking($fh);
  my $c = { fh => $fh, fd => fileno $fh, in => '', out => '' };
  $client{ $c->{fd} } = $c;
  watch($c->{fd}, sub { read_client($c) });
}

sub read_client {
  my ($c) = @_;
  my $got = sysread $c->{fh}, $c->{in}, 1 << 16, length $c->{in};
  return if !defined $got && ($! == EAGAIN || $! == EINTR);
  return drop_client($c) unless $got;
  return if length $c->{in} <= LINE_MAX;
  return drop_client($c) if index($c->{in}, "\n") < 0;
  # More than enough is waiting: read on when it is served.
  vec($wanted, $c->{fd}, 1) = 0;
}

# Half a line of a client that died is dropped with it.
sub drop_client {
  my ($c) = @_;
  $c->{in} = '';
  unwatch($c->{fd});
  delete $client{ $c->{fd} };
  close $c->{fh};
  $idle_since = $now;
}

sub tell_all { my @f = @_; send_to($_, @f) for grep { defined $_->{since} } values %client }

sub send_to {
  my ($c, @field) = @_;
  $c->{out} .= join("\t", map { escape($_) } @field) . "\n";
}

sub flush_client {
  my ($c) = @_;
  my $done = syswrite $c->{fh}, $c->{out};
  if (defined $done) { substr $c->{out}, 0, $done, '' }
  elsif ($! != EAGAIN && $! != EINTR) { return drop_client($c) }
  # A client that does not read is cut off; what it missed is told again when it comes back.
  drop_client($c) if length $c->{out} > OUT_MAX;
}

1;
