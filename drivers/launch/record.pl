# The record: what runs and how it ended, on the disk, so that neither the launcher's nor the machine's end can forget it.
# Loaded by launcher.pl. A line is a fact: CHECKSUM KIND fields. B version, boot id, last exit number · S a container (written by
# the child itself, see spawner.pl) · N what else there is to know of the one just told · E its exit · F forget it.
use strict;
use warnings;

our (%NR, %box, %ending, %exits, @look_queue, $alive, $held, $last_exit, $disk, $DIR, $BOOT, $COMPACT_AT, $now);
my @unwatched;   # adopted containers on a kernel without pidfds
my ($record, $lines, $rewrite, $size, $size_anew, $retry_at, $due_since) = (undef, '', 0, 0, 0, 0, 0);
# Writes are counted, so that a sync is known to cover all up to one of them.
my ($written, $synced, $syncing, $sync_context, $sync_done) = (0, 0);

sub exit_line { my ($b) = @_; return record_line('E', @{$b}{qw(id number status kills peak_bytes why)}) }
sub write_exit { my ($b) = @_; $lines .= exit_line($b); $b->{at} = undef }
sub forget { my ($b) = @_; $lines .= record_line('F', @{$b}{qw(id pid)}) }
sub is_durable { my ($b) = @_; return defined $b->{at} && $b->{at} <= $synced }

# All lines of a turn in one write, then one sync if an exit waits for it.
sub commit {
  return if length $disk && $now < $retry_at;
  if ($rewrite || compaction_due()) {
    $due_since ||= $now;
    compact() if !defined $syncing && (!$held || $now - $due_since > DRAIN_SECONDS);
  }
  elsif (length $lines) { append() }
  sync_record() if %ending && !defined $syncing && $synced < $written;
}

sub append {
  return disk_trouble("$!") unless put_whole(fileno $record, $lines);
  $lines = '';
  $size = -s $record;
  written();
}

sub written {
  $written++;
  for my $b (values %ending) { $b->{at} = $written unless defined $b->{at} }
  return unless length $disk;
  $disk = '';
  tell_all('disk', 'ok');
}

# From now on the record is written anew before anything else: what a failed write left in it is not trusted.
sub disk_trouble {
  my ($text) = @_;
  ($rewrite, $retry_at) = (1, $now + DISK_RETRY_SECONDS);
  return if length $disk;
  $disk = "$DIR/launcher.record: $text";
  tell_all('disk', $disk);
  say_log($disk);
}

# By the kernel's asynchronous io where it may be used: the loop goes on meanwhile, and the next sync covers all that was written since.
sub prepare_sync {
  $sync_done = syscall($NR{eventfd}, 0, 02004000);
  my $context = pack 'Q', 0;
  return if $sync_done < 0 || syscall($NR{io_setup}, 4, $context) != 0;
  $sync_context = unpack 'Q', $context;
  watch($sync_done, \&sync_event);
}

sub sync_record {
  return unless grep { defined $_->{at} && $_->{at} > $synced } values %ending;
  $syncing = $written;
  if (defined $sync_context) {
    my $order = pack 'Q L L S s L Q Q q Q L L', 0, 0, 0, 3, 0, fileno $record, 0, 0, 0, 0, 1, $sync_done;   # IOCB_CMD_FDSYNC
    return if syscall($NR{io_submit}, $sync_context, 1, my $list = pack 'P', $order) == 1;
    $sync_context = undef;
  }
  synced(syscall($NR{fdatasync}, fileno $record) == 0);
}

sub sync_event {
  my ($count, $event) = ("\0" x 8, "\0" x 32);
  syscall($NR{read}, $sync_done, $count, 8);
  synced((unpack 'Q Q q', $event)[2] == 0) if syscall($NR{io_getevents}, $sync_context, 0, 1, $event, 0) == 1;
}

# After a failed sync the kernel may have forgotten what was not written: only a new file can be trusted.
sub synced {
  my ($well) = @_;
  if ($well) { $synced = $syncing } else { disk_trouble('fdatasync failed') }
  $syncing = undef;
}

sub enter_late { my ($b) = @_; $lines .= box_line($b) }
sub is_locked { my $lock = lock_of($_[0]); return fcntl($record, 5, $lock) && unpack('s', $lock) != 2 }   # F_GETLK, F_UNLCK

sub compaction_due { return !length $disk && $size > $COMPACT_AT && $size > 2 * $size_anew }

# Written anew from memory, in a moment when no child is about to write; if there is none for long, a child that is still
# under way is entered when it comes up.
sub compact {
  my $text = record_line('B', VERSION, $BOOT, $last_exit);
  for my $b (values %box) {
    next if $b->{state} eq 'waiting';
    if ($b->{state} eq 'held') { $b->{late} = 1; next }
    next unless defined $b->{start};   # given up before it was on record
    $text .= box_line($b);
    $text .= exit_line($b) if defined $b->{number};
  }
  my $new;
  my $well = sysopen($new, 'launcher.record.new', O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600)
    && (syswrite($new, $text) || 0) == length $text && syscall($NR{fsync}, fileno $new) == 0 && rename('launcher.record.new', 'launcher.record') && sync_folder();
  if (!$well) { disk_trouble("$!"); unlink 'launcher.record.new'; return 0 }
  ($record, $size, $size_anew, $rewrite, $lines) = ($new, length $text, length $text, 0, '');
  $due_since = 0;
  written();
  $synced = $written;
  return 1;
}

sub sync_folder { sysopen my $dir, '.', O_RDONLY or return 0; return syscall($NR{fsync}, fileno $dir) == 0 }

# What an earlier launcher left: tasks that still run are adopted, the others ended unseen.
sub load {
  my $text = slurp('launcher.record');
  my ($boot, $at) = ('', 0);
  $text = '' unless defined $text;
  while ((my $to = index $text, "\n", $at) >= 0) {
    my ($sum, $body) = split /\t/, substr($text, $at, $to - $at), 2;
    if (!defined $body || $sum ne checksum($body)) { die "$DIR/launcher.record is damaged at byte $at: move it away to start afresh; its tasks are then unknown\n" }
    my ($kind, @field) = map { unescape($_) } split /\t/, $body, -1;
    if ($kind eq 'B') { (my $version, $boot, $last_exit) = @field; die "$DIR/launcher.record has version $version, this launcher knows " . VERSION . "\n" if $version != VERSION }
    elsif ($kind eq 'S') { loaded_box(@field) }
    elsif ($kind eq 'N') { loaded_more(@field) }
    elsif ($kind eq 'E') { loaded_exit(@field) }
    elsif ($kind eq 'F') { loaded_forget(@field) }
    $at = $to + 1;
  }
  # A last line without its end was being written when the launcher died: its child was never let go.
  adopt($_, $boot eq $BOOT) for values %box;
  compact() or die "cannot write $disk\n";
}

sub loaded_box {
  my %b = (state => 'running', adopted => 1, pidfd => -2, bound => START_SECONDS);
  (@b{qw(id pid start mark user max keep out err kill oom peak shared)}, my @dirs) = @_;
  @b{qw(pid start mark)} = map { 0 + $_ } @b{qw(pid start mark)};
  $b{mkdir} = \@dirs;
  $box{ $b{id} } = \%b;
}

sub loaded_more {
  my ($id, @fact) = @_;
  my $b = $box{$id} or return;
  for (@fact) { my ($key, $value) = split /=/, $_, 2; $b->{$key} = $value }
  $b->{state} = 'working' if defined $b->{pidfile};
}

sub loaded_exit {
  my ($id, @fact) = @_;
  my $b = $box{$id} or return;
  @{$b}{qw(number status kills peak_bytes why)} = @fact;
  $b->{state} = 'ended';
  $last_exit = $fact[0] if $fact[0] > $last_exit;
}

# Of the pid, as the id may have been used again; pid 0: whichever it was.
sub loaded_forget {
  my ($id, $pid) = @_;
  delete $box{$id} if $box{$id} && (!$pid || $box{$id}{pid} == $pid);
}

sub adopt {
  my ($b, $same_boot) = @_;
  ($b->{as}) = identity($b->{user});
  if ($b->{state} eq 'ended') {
    $exits{ $b->{number} } = $b->{id};
    return $same_boot ? clear_later($b) : undef;
  }
  return ended_unseen($b, 'machine restarted') unless $same_boot;
  $b->{pidfd} = pidfd($b->{pid});
  if (alive($b) || $b->{state} eq 'working' && follow_pid_file($b)) {
    watch_adopted($b);
    if ($b->{state} eq 'running') { look_after($b) } else { $b->{since} = $now; expect_start($b) }
    return;
  }
  ended_unseen($b, 'launcher died');
  clear_first($b);
}

sub alive { my ($b) = @_; my ($state, $start) = stat_of($b->{pid}); return defined $start && $start == $b->{start} && $state ne 'Z' }

sub watch_adopted {
  my ($b) = @_;
  $alive++;
  return watch($b->{pidfd}, sub { adopted_gone($b) }) if $b->{pidfd} >= 0;
  push @unwatched, $b;
}

sub look_at_adopted {
  my @here = splice @unwatched;
  for my $b (@here) { if (alive($b)) { push @unwatched, $b } else { adopted_gone($b) } }
}

sub adopted_gone {
  my ($b) = @_;
  if ($b->{pidfd} >= 0) { unwatch($b->{pidfd}); close_fd($b->{pidfd}) }
  $b->{pidfd} = -1;
  $alive--;
  return adopted_runtime_gone($b) if $b->{state} eq 'working';
  ended($b, 'lost', 'launcher died');
}

sub ended_unseen {
  my ($b, $why) = @_;
  @{$b}{qw(state status why kills peak_bytes number)} = ('ended', 'lost', $why, 0, 0, ++$last_exit);
  $exits{ $b->{number} } = $b->{id};
}

1;
