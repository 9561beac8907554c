#!/usr/bin/perl
# Keeps what the agents of a machine share for the built-in network: the bridge and its rules. They come with its first container
# and go with its last, whichever agent that belongs to.
#
#   perl bridge.pl add FOLDER BRIDGE RANGE PLUGIN     makes the rules when they are not there, then becomes the plugin
#   perl bridge.pl run FOLDER BRIDGE RANGE PLUGIN     becomes the plugin
#   perl bridge.pl down FOLDER BRIDGE RANGE LEASES    removes rules and bridge when no address of the folder LEASES is given away
#
# FOLDER/lock is held shared by each plugin while it runs, and alone by who makes or removes, so that no container arrives at a bridge
# that is just going. FOLDER/up tells what the machine was like before: `down` puts back what was changed.
use strict;
use warnings;

my ($parts) = $0 =~ m{^(/.*)/} or die "call it by its absolute path\n";
require "$parts/calls.pl";
use constant { SHARED => 1, ALONE => 2 };
my ($verb, $folder, $bridge, $range, $last) = @ARGV;
die "usage: perl bridge.pl add|run|down FOLDER BRIDGE RANGE PLUGIN|LEASES\n" unless defined $last && $verb =~ /^(?:add|run|down)$/;
die "not a name of an interface: $bridge\n" unless $bridge =~ /^[a-z][a-z0-9_-]{0,14}$/;
my $chain = "MESETA-$bridge";
my $known = 'RELATED,ESTABLISHED,DNAT';
my @refuse = qw(-j REJECT --reject-with icmp-admin-prohibited);
my @jump = ('FORWARD', '-j', $chain);
# A plugin lets packets to 127.0.0.1 through this bridge, for mapped ports. Nobody else's may come in by it.
my @guard = ('INPUT', '-i', $bridge, '-d', '127.0.0.0/8', qw(-m conntrack ! --ctstate), $known, @refuse);
my @masquerade = masquerade($range);
# The plugin of port mappings leaves these behind.
my @portmap = (
  ['PREROUTING', qw(-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT)],
  ['OUTPUT', qw(-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT)],
  ['POSTROUTING', qw(-m comment --comment), 'CNI portfwd requiring masquerade', qw(-j CNI-HOSTPORT-MASQ)],
);
$^F = 100;   # the lock stays open in the plugin
sysopen my $lock, "$folder/lock", 0102, 0600 or die "cannot open $folder/lock: $!\n";
if ($verb eq 'down') {
  flock $lock, ALONE or die "cannot lock $folder/lock: $!\n";
  down() unless in_use() || !-e "$folder/up" && !has_link();
  exit 0;
}
flock $lock, SHARED or die "cannot lock $folder/lock: $!\n";
if ($verb eq 'add') {
  until (is_up()) {
    flock $lock, ALONE or die "cannot lock $folder/lock: $!\n";
    up() unless is_up();
    flock $lock, SHARED or die "cannot lock $folder/lock: $!\n";
  }
}
exec { $last } $last or die "cannot run $last: $!\n";

# One rule for all containers: outside they have the machine's address.
sub masquerade { my ($of) = @_; return ('POSTROUTING', '-s', $of, '!', '-o', $bridge, qw(-j MASQUERADE)) }

sub is_up {
  return before() && quiet('-C', @jump) && quiet('-C', @guard) && quiet(qw(-t nat -C), @masquerade);
}

# What was noted in this life of the machine: forwarding as it was, whether somebody had mapped ports with the plugin, and our range.
sub before {
  my ($boot, $forward, $portmap, $of) = split ' ', slurp("$folder/up");
  return defined $of && $boot eq boot_id() ? { forward => $forward, portmap => $portmap, range => $of } : undef;
}

sub up {
  unless (before()) {
    my $portmap = quiet(qw(-t nat -S CNI-HOSTPORT-DNAT)) ? 1 : 0;
    note(join ' ', boot_id(), slurp('/proc/sys/net/ipv4/ip_forward') =~ /(\d)/, $portmap, $range);
  }
  # Out of the bridge goes everything; into it come answers, mapped ports, and what was in it before.
  quiet('-N', $chain);
  iptables('-F', $chain);
  iptables('-A', $chain, '-o', $bridge, @$_) for [qw(-m conntrack --ctstate), $known, qw(-j ACCEPT)], ['-i', $bridge, qw(-j ACCEPT)], \@refuse;
  iptables('-A', $chain, '-i', $bridge, qw(-j ACCEPT));
  quiet('-C', @jump) or iptables('-I', @jump);
  quiet('-C', @guard) or iptables('-I', @guard);
  quiet(qw(-t nat -C), @masquerade) or iptables(qw(-t nat -A), @masquerade);
}

sub down {
  my $was = before();
  1 while quiet('-D', @jump);
  1 while quiet('-D', @guard);
  my @outgoing = $was ? masquerade($was->{range}) : @masquerade;
  1 while quiet(qw(-t nat -D), @outgoing);
  quiet('-F', $chain) && quiet('-X', $chain);
  remove_link();
  if ($was && !$was->{portmap}) { remove_portmap() }
  # Forwarding is left on when something else may have come to need it.
  put('/proc/sys/net/ipv4/ip_forward', '0') if $was && $was->{forward} eq '0' && !others();
  unlink "$folder/up";
}

sub remove_link {
  return unless has_link();
  set_link($bridge, 0);
  socket(my $any, 2, 2, 0) or die "socket: $!\n";
  ioctl $any, 0x89a1, "$bridge\0" or die "cannot remove $bridge: $!\n";   # SIOCBRDELBR
}

sub remove_portmap {
  return if output(qw(-t nat -S CNI-HOSTPORT-DNAT)) =~ /^-A/m;
  # Plugins that ran at the same time have added some of them twice.
  for my $rule (@portmap) { 1 while quiet('-t', 'nat', '-D', @$rule) }
  for my $one (qw(CNI-HOSTPORT-DNAT CNI-HOSTPORT-SETMARK CNI-HOSTPORT-MASQ)) { quiet(qw(-t nat -F), $one) && quiet(qw(-t nat -X), $one) }
}

# Interfaces by whose names one knows that somebody else forwards packets here.
sub others { return grep { $_ ne $bridge && /^(?:br|docker|virbr|cni|podman|lxc|lxd|wg|tun|tap|vmnet|flannel|cali|cilium|meseta)/ } links() }

sub has_link { return grep { $_ eq $bridge } links() }

sub links {
  my @names;
  for (split /\n/, slurp('/proc/net/dev')) { push @names, $1 if /^\s*([^:\s]+):/ }
  return @names;
}

sub in_use {
  opendir my $leases, $last or return 0;
  return grep { /^[0-9a-f.:]+$/ && !/^\.+$/ } readdir $leases;
}

sub note {
  my ($text) = @_;
  sysopen my $file, "$folder/up.new", 01101, 0600 or die "cannot write $folder/up: $!\n";
  syswrite($file, "$text\n") == length($text) + 1 or die "cannot write $folder/up: $!\n";
  rename "$folder/up.new", "$folder/up" or die "cannot write $folder/up: $!\n";
}

sub boot_id { my ($id) = slurp('/proc/sys/kernel/random/boot_id') =~ /(\S+)/; return $id }
sub slurp { my ($path) = @_; open my $file, '<', $path or return ''; local $/; my $text = <$file>; return defined $text ? $text : '' }

sub iptables { my ($said) = output(@_); $? == 0 or die 'iptables ' . join(' ', @_) . ": $said\n" }
sub quiet { output(@_); return $? == 0 }

# What iptables printed of both kinds; $? tells how it ended. Locked out by others it waits ten seconds.
sub output {
  my @arguments = @_;
  my $pid = open my $out, '-|';
  die "fork: $!\n" unless defined $pid;
  if (!$pid) {
    close $lock;
    open STDERR, '>&', \*STDOUT;
    open STDIN, '<', '/dev/null';
    exec 'iptables', '-w', '10', @arguments or print "cannot run iptables: $!";
    exit 127;
  }
  local $/;
  my $text = <$out>;
  close $out;
  $text = '' unless defined $text;
  chomp $text;
  return $text;
}
