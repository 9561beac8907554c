import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import {
  describeAttempts,
  type Evidence,
  isolated,
  perlText,
  type Scene,
  withCapability,
  withoutFilter,
} from "./escapes.rig.ts";

const done = ({ said }: Evidence) => /^error 0$/m.test(said);
const toldSecret = ({ said, secret }: Evidence) => said.includes(secret);

describeAttempts([
  {
    name: "mounts a file system",
    perl: () => `print "error ", call('mount', my $what = 'x', my $where = '/tmp', my $type = 'tmpfs', 0, 0), "\\n"`,
    weak: withCapability("SYS_ADMIN"),
    achieved: done,
  },
  {
    name: "begins a mount in the new way, of which old filters know nothing (fsopen, CVE-2022-0185)",
    perl: () => `print "error ", call('fsopen', my $type = 'tmpfs', 0), "\\n"`,
    weak: withCapability("SYS_ADMIN"),
    achieved: done,
  },
  {
    name: "mounts as root of a user namespace of its own (CVE-2022-0185, CVE-2023-0386)",
    perl: () => `call('unshare', 0x10020000) == 0 or print "none\\n";
      print "error ", call('mount', my $what = '/tmp', my $where = '/root', 0, 4096, 0), "\\n"`,
    weak: withoutFilter,
    achieved: done,
  },
  {
    name: "makes the kernel's settings writable again",
    perl: () => `call('mount', 0, my $where = '/proc/sys', 0, 32 | 4096, 0);
      print write_file('/proc/sys/kernel/core_pattern', read_file('/proc/sys/kernel/core_pattern'))`,
    weak: withCapability("SYS_ADMIN"),
    achieved: ({ said }) => said.includes("written"),
  },
  {
    name: "takes the mask off a file of the kernel",
    perl: () =>
      `call('umount2', my $mask = '/proc/interrupts', 2); print 'interrupts: ', length read_file('/proc/interrupts')`,
    weak: withCapability("SYS_ADMIN"),
    achieved: ({ said }) => /interrupts: [1-9]/.test(said),
  },
  {
    name: "has the machine run a program when a cgroup is empty (release_agent, CVE-2022-0492)",
    perl: ({ id, sandbox, dir }) => `my $agent = '/sandbox/agent';
      write_file($agent, "#!/bin/sh\\ntouch ${dir}/escaped\\n"); chmod 0755, $agent;
      mkdir '/tmp/new'; call('mount', my $what = 'x', my $new = '/tmp/new', my $type = 'cgroup', 0, my $options = 'none,name=${id}-own');
      mkdir '/tmp/pids'; call('mount', $what, my $pids = '/tmp/pids', $type, 0, my $more = 'pids');
      for my $hierarchy (grep { -e "$_/release_agent" } '/cgroup', $new, $pids, glob '/sys/fs/cgroup/*') {
        mkdir "$hierarchy/x"; write_file("$hierarchy/release_agent", '${sandbox}/agent'); write_file("$hierarchy/x/notify_on_release", 1);
        my $child = fork; $child or do { write_file("$hierarchy/x/cgroup.procs", $$); require POSIX; POSIX::_exit(0) }; waitpid $child, 0;
      }`,
    prepare: hierarchyOfItsOwn,
    weak: (spec, { dir }) => {
      const mounts = [{ kind: "path", host: join(dir, "cgroup"), inside: "/cgroup", readOnly: false }] as const;
      return isolated({
        mounts,
        capabilities: { effective: ["SYS_ADMIN", "DAC_OVERRIDE", "FOWNER"] },
        seccomp: "unconfined",
      })(spec);
    },
    achieved: ({ dir, weak }) => ranOnTheMachine(dir, weak),
  },
  {
    name: "opens a file of the machine by its number on the disk (open_by_handle_at, Shocker)",
    perl: ({ dir }) => `opendir my $sandbox, '/sandbox'; my $handle = pack 'H*', '${handleOf(join(dir, "secret"))}';
      open my $held, '<', '/sandbox'; print "error ", call('open_by_handle_at', fileno $held, $handle, 0), "\\n";
      open my $file, "<&=$got"; print <$file>`,
    weak: withCapability("DAC_READ_SEARCH"),
    achieved: toldSecret,
  },
  {
    name: "puts a link where a volume is about to be mounted from (CVE-2021-30465, Nomad CVE-2025-4922)",
    shell: () => "cat /volume/secret",
    prepare: ({ dir, sandbox }) => {
      execFileSync("chown", ["1000:1000", sandbox]);
      symlinkSync(dir, join(sandbox, "data"));
    },
    wish: (spec, { sandbox }) =>
      isolated({ mounts: [{ kind: "path", host: join(sandbox, "data"), inside: "/volume", readOnly: false }] })(spec),
    weak: {
      runtime: "runc",
      shell: () => "cat /volume/secret",
      config: ({ sandbox }) => ({
        mounts: [
          { destination: "/proc", type: "proc", source: "proc" },
          { destination: "/volume", type: "bind", source: join(sandbox, "data"), options: ["rbind"] },
        ],
      }),
    },
    achieved: toldSecret,
  },
  {
    name: "has the kernel's files mounted where no mask is, by a link in its image (CVE-2023-28642)",
    shell: () => "cat /kernel/interrupts /kernel/self/root/proc/interrupts | wc -c",
    prepare: ({ layer }) => plantProc(layer),
    weak: {
      runtime: "runc",
      shell: () => "cat /kernel/interrupts | wc -c",
      config: () => ({
        mounts: [
          { destination: "/proc", type: "proc", source: "proc" },
          { destination: "/kernel", type: "proc", source: "proc" },
        ],
        linux: { namespaces: [{ type: "pid" }, { type: "mount" }], maskedPaths: ["/proc/interrupts"] },
      }),
    },
    achieved: ({ said }) => /^[1-9]\d*$/m.test(said),
  },
  {
    name: "begins in a folder of the machine that the runtime has open (CVE-2024-21626)",
    shell: () => "cat secret",
    wish: (spec) => ({ ...spec, workingDirectory: "/proc/self/fd/9" }),
    weak: {
      runtime: "crun",
      shell: () => "cat secret",
      before: 'exec 9<"$1/.."',
      flags: ["--preserve-fds", "7"],
      process: () => ({ cwd: "/proc/self/fd/9" }),
    },
    achieved: toldSecret,
  },
]);

// A cgroup hierarchy that nothing else is in: what its release agent is, is no concern of the machine.
function hierarchyOfItsOwn({ dir, id, weak }: Scene): (() => void) | undefined {
  if (!weak) return undefined;
  const path = join(dir, "cgroup");
  mkdirSync(path);
  execFileSync("mount", ["-t", "cgroup", "-o", `none,name=${id}`, id, path]);
  return () => {
    if (existsSync(join(path, "x"))) rmdirSync(join(path, "x"));
    execFileSync("umount", [path]);
  };
}

// The kernel runs it when it comes to it, and nobody is told.
async function ranOnTheMachine(dir: string, weak: boolean): Promise<boolean> {
  const escaped = join(dir, "escaped");
  while (weak && !existsSync(escaped)) await new Promise((resolve) => setTimeout(resolve, 5));
  return existsSync(escaped);
}

/** What an attacker finds by trying: the file's struct file_handle, in hex. */
function handleOf(path: string): string {
  const text = `my $handle = pack 'LL x128', 128, 0; my $mount = pack 'L', 0;
    call('name_to_handle_at', -100, my $path = '${path}', $handle, $mount, 0) == 0 or die;
    print 'handle ', unpack 'H*', substr $handle, 0, 8 + unpack 'L', $handle;`;
  return /handle (\w+)/.exec(execFileSync("perl", ["-e", perlText(text)], { encoding: "utf8" }))![1]!;
}

function plantProc(root: string): void {
  mkdirSync(join(root, "kernel"));
  symlinkSync("/kernel", join(root, "proc"));
}
