# Whose rights a container has. Loaded by launcher.pl.
use strict;
use warnings;

our $now;
my %user_cache;

# UID:GID:GROUPS… of a user name or number, '' for ourselves, or undef and why not. Names are looked up here and not in the child: the libraries for it are loaded once.
sub identity {
  my ($user) = @_;
  return '' if !length $user;
  my $known = $user_cache{$user};
  return $known->{as} if $known && $known->{until} > $now;
  my ($name, $uid, $gid) = (getpwnam $user)[0, 2, 3];
  ($name, $uid, $gid) = ((getpwuid $user)[0], $user, (getpwuid $user)[3]) if !defined $uid && $user =~ /^\d{1,9}$/;
  return (undef, "no such user: $user") unless defined $uid;
  return '' if $uid == $> && $> != 0;
  return (undef, "only root starts tasks as another user: $user") if $> != 0;
  $gid = $uid unless defined $gid;
  my $as = join ':', $uid, $gid, $gid, defined $name ? groups_of($name) : ();
  $user_cache{$user} = { as => $as, until => $now + USER_CACHE_SECONDS };
  return $as;
}

sub groups_of {
  my ($name) = @_;
  my @groups;
  setgrent;
  while (my (undef, undef, $gid, $members) = getgrent) { push @groups, 0 + $gid if grep { $_ eq $name } split ' ', $members }
  endgrent;
  return @groups;
}

1;
