import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ContainerMount, Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { afterEach, describe, expect, test } from "vitest";
import { machineFacts } from "./machine.ts";
import { OciRoom, testRange } from "./oci.rig.ts";

const room = new OciRoom();
afterEach(() => room.clear());

/** What each isolator enforces, seen from inside, with each runtime. */
describe.each(["crun", "runc"] as const)("with %s", (runtime) => {
  /** Runs it in a new room; what it said. */
  async function inside(shell: string, isolation: Partial<Isolation> = {}, more: Partial<ContainerSpec> = {}) {
    room.runtime = runtime;
    const agent = await room.openOci();
    return room.said(agent, { ...room.isolated("a", shell, isolation), ...more });
  }

  /** The sentence with which it is refused. */
  async function refused(isolation: Partial<Isolation>, more: Partial<ContainerSpec> = {}) {
    room.runtime = runtime;
    const { containers, heard } = await room.openOci();
    containers.launch({ ...room.isolated("a", "true", isolation), ...more });
    const { cause, message } = await heard.failed("a");
    await room.cleared();
    return `${cause}: ${message}`;
  }

  describe("rights", () => {
    const rights = "grep -E '^(Cap(Inh|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'; ";

    test("root has the default capabilities, no way to more, and a seccomp filter", async () => {
      expect((await inside(rights)).split("\n").slice(0, 6)).toEqual([
        "CapInh:0000000000000000",
        "CapEff:00000000800405fb",
        "CapBnd:00000000800405fb",
        "CapAmb:0000000000000000",
        "NoNewPrivs:1",
        "Seccomp:2",
      ]);
    });

    test("another user has none of them", async () => {
      const said = await inside(`id -u; id -g; id -G; ${rights}`, {}, { user: "alice" });
      expect(said.split("\n").slice(0, 3)).toEqual(["1000", "1001", "1001 2000"]);
      expect(said).toContain("CapEff:0000000000000000\n");
    });

    test("what is asked for by name is there, also for another user", async () => {
      const capabilities = { effective: ["NET_BIND_SERVICE"], bounding: ["NET_BIND_SERVICE", "KILL"] };
      const said = await inside(rights, { capabilities }, { user: "alice" });
      expect(said).toContain("CapEff:0000000000000400\nCapBnd:0000000000000420\nCapAmb:0000000000000400\n");
    });

    test("a capability that no Linux has is refused by name", async () => {
      expect(await refused({ capabilities: { effective: ["FLY"] } })).toBe("spec: unknown capability FLY");
    });

    test("calls that the default profile leaves out fail", async () => {
      const said = await inside("unshare -m true; unshare -U true; mount -t tmpfs x /tmp; swapoff -a; echo $?");
      expect(said.match(/not permitted|ermission denied/g)?.length).toBeGreaterThanOrEqual(3);
    });

    test("without a profile there is no filter, and a named one is that of the agent's folder", async () => {
      expect(await inside(rights, { seccomp: "unconfined" })).toContain("Seccomp:0\n");
      const folder = join(room.dir, "seccomp");
      mkdirSync(folder, { recursive: true });
      const noFolders = {
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", includes: { caps: ["CAP_CHOWN"] } }],
      };
      writeFileSync(join(folder, "no-folders.json"), JSON.stringify(noFolders));
      room.options = { seccompDir: folder };
      const { containers, heard } = await room.openOci();
      room.options = {};
      const wish = { seccomp: { profile: "no-folders.json" } };
      containers.launch(room.isolated("b", "mkdir /tmp/x; echo $? >>mkdir; touch /tmp/y; echo $? >>mkdir", wish));
      await heard.exited("b");
      expect(room.read("mkdir")).toBe("1\n0\n");
      containers.launch(room.isolated("c", "true", { seccomp: { profile: "../launcher/launcher.log" } }));
      expect((await heard.failed("c")).message).toContain("not the name of a seccomp profile");
    });

    test("a privileged container has all that the agent has, no filter, no masks, and all devices", async () => {
      const said = await inside(`${rights} ls /dev | wc -l; head -c1 /proc/interrupts | wc -c`, {
        privileged: true,
      });
      const own = /CapEff:\s*(\w+)/.exec(readFileSync("/proc/self/status", "utf8"))![1];
      expect(said).toContain(`CapEff:${own}\n`);
      expect(said).toContain("NoNewPrivs:0\nSeccomp:0\n");
      expect(said).toMatch(/\n1\n$/);
    });
  });

  describe("namespaces", () => {
    const shown = "for n in pid mnt uts ipc cgroup net user; do readlink /proc/self/ns/$n; done";
    const agents = () => execFileSync("sh", ["-c", shown], { encoding: "utf8" }).trim().split("\n");

    test("those of its own are others than the agent's, and the network and the users are the agent's", async () => {
      const own = (await inside(shown)).trim().split("\n");
      const same = own.filter((one, at) => one === agents()[at]).map((one) => one.split(":")[0]);
      expect(same).toEqual(["net", "user"]);
    });

    test("it sees no process but its own, and is the first", async () => {
      // Busybox calls its programs by /proc/self/exe, so one that has just begun is called "exe".
      const others = "ps -o pid,comm | grep -v -e sh -e ps -e grep -e exe -e PID";
      expect(await inside(`echo $$; ${others}; echo end`)).toBe("1\nend\n");
    });

    test("the agent's pid and ipc namespaces are shared when that is asked for", async () => {
      const own = (await inside(shown, { pidNamespace: "agent", ipc: { mode: "agent" } })).trim().split("\n");
      expect([own[0], own[3]]).toEqual([agents()[0], agents()[3]]);
    });

    test("shared memory has the size that was asked for", async () => {
      const size = "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2";
      expect(await inside(size, { ipc: { mode: "own", shmMiB: 7 } })).toBe(`${7 * 1024}\n`);
    });

    test("another one's processes cannot be signalled, and its own first process is not hit by its own daemons' end", async () => {
      const victim = process.pid;
      expect(await inside(`kill -0 ${victim}; echo $?`)).toContain("1\n");
    });
  });

  describe("a user namespace", () => {
    const wish = { rootAllowed: false };

    test("stands between root inside and root of the machine, with the image's files as its own", async () => {
      const said = await inside(
        "id -u; cat /proc/self/uid_map; stat -c %u /bin/busybox; touch /made made; stat -c %u made",
        wish,
      );
      expect(said.trim().split(/\s+/)).toEqual(["0", "0", "200000", "65536", "0", "0"]);
      expect(statSync(join(room.sandbox, "made")).uid).toBe(testRange.first);
      expect(statSync(join(room.sandbox, "stdout")).uid).toBe(testRange.first);
      expect(statSync(join(room.busybox(), "bin/busybox")).uid).toBe(0);
    });

    test("is spared for a user who is not root, who is mapped when every container is", async () => {
      expect(await inside("cat /proc/self/uid_map", wish, { user: "alice" })).toMatch(/^\s*0\s+0\s+4294967295\n/);
      room.options = { userNamespaces: { mode: "always", range: testRange } };
      const agent = await room.openOci();
      room.options = {};
      agent.containers.launch({ ...room.isolated("b", "cat /proc/self/uid_map >map", wish), user: "alice" });
      await agent.heard.exited("b");
      expect(room.read("map")).toMatch(/^\s*0\s+200000\s+65536\n/);
    });

    test("is a must where root is not allowed: without one it is refused", async () => {
      room.options = { userNamespaces: { mode: "never", range: testRange } };
      const sentence = await refused(wish);
      room.options = {};
      expect(sentence).toMatch(/^user: the container would be root of this machine/);
    });

    test("is had below folders that nobody but root can enter, too", async () => {
      chmodSync(room.build(), 0o700);
      expect(await inside("id -u; touch made && echo made", wish)).toBe("0\nmade\n");
    });

    test("cannot write what belongs to root of the machine", async () => {
      const folder = join(room.build(), "roots");
      mkdirSync(folder);
      writeFileSync(join(folder, "file"), "untouched");
      const mounts: ContainerMount[] = [{ kind: "path", host: folder, inside: "/roots", readOnly: false }];
      const said = await inside("echo x >/roots/file; echo $?; chown 0 /roots/file; echo $?", { ...wish, mounts });
      expect(said).toMatch(/^1\n1\n/);
      expect(readFileSync(join(folder, "file"), "utf8")).toBe("untouched");
    });
  });

  describe("the file system", () => {
    test("is the image's, writable, and the image stays as it is", async () => {
      expect(await inside("echo gone >/etc/passwd; rm -r /root; mkdir /new; ls /")).not.toContain("root\n");
      expect(existsSync(join(room.busybox(), "root"))).toBe(true);
      expect(readFileSync(join(room.busybox(), "etc/passwd"), "utf8")).toContain("alice");
    });

    test("can be read-only but for the sandbox", async () => {
      const said = await inside("touch /x; touch /sandbox/x && echo sandbox", { readOnlyRoot: true });
      expect(said).toContain("Read-only file system");
      expect(said).toContain("sandbox\n");
    });

    test("has the kernel's settings masked or read-only", async () => {
      const said = await inside(
        "echo b >/proc/irq/default_smp_affinity; echo 1 >/proc/sys/kernel/panic; echo x >/sys/kernel/mm/x; cat /proc/interrupts /proc/keys /proc/timer_list | wc -c",
      );
      expect(said.match(/Read-only file system|ermission denied/g)?.length).toBe(3);
      expect(said).toContain("0\n");
    });

    test("has a /dev of its own with the usual nodes, and others cannot be opened even when they are made", async () => {
      const said = await inside(
        "ls /dev | tr '\\n' ' '; head -c1 /dev/zero | wc -c; mknod /tmp/disk b 254 0; cat /tmp/disk",
        { capabilities: { effective: ["MKNOD", "CHOWN"] } },
      );
      expect(said).toMatch(
        /^(?:console )?(?:core )?fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero 1\n/,
      );
      expect(said).toMatch(/can't open '\/tmp\/disk'/);
    });

    test("has no folder of the machine on which devices count", async () => {
      const said = await inside("grep -v -e ' proc ' -e sysfs -e tmpfs -e devpts -e mqueue -e ' / ' /proc/mounts");
      for (const line of said.trim().split("\n")) expect(line).toContain("nodev");
    });

    test("gives no right to make devices where no control group refuses to open them", async () => {
      room.options = { machine: { ...machineFacts(runtime, undefined), devicesRefused: false } };
      const said = await inside("mknod /tmp/disk b 254 0", { capabilities: { effective: ["MKNOD"] } });
      room.options = {};
      expect(said).toContain("not permitted");
    });

    test("has the devices that were asked for, for what was asked", async () => {
      const devices = [{ path: "/dev/loop-control", access: "r" }];
      const said = await inside(
        "ls -l /dev/loop-control | cut -c1; exec 3</dev/loop-control && echo open; exec 4>/dev/loop-control",
        {
          devices,
        },
      );
      expect(said).toContain("c\nopen\n");
      expect(said).toMatch(/can't create|not permitted/);
    });

    test("a device that is none is refused", async () => {
      expect(await refused({ devices: [{ path: "/etc/passwd", access: "r" }] })).toBe(
        "spec: /etc/passwd is no device of this machine",
      );
    });

    test("shows hosts, host name and resolver of the agent with the agent's network", async () => {
      const said = await inside("cat /etc/hosts; echo x >>/etc/hosts");
      expect(said).toContain(readFileSync("/etc/hosts", "utf8"));
      expect(said).toContain("Read-only file system");
    });

    test("is the machine's own without an image, which only root may change when it is allowed", async () => {
      room.runtime = runtime;
      const agent = await room.openOci();
      const { image: _, ...isolation } = room.isolated("a", "").isolation!;
      const spec = room.isolated("a", `cat /etc/os-release; touch /not-here; touch here; ls ${room.sandbox}`);
      const own = { ...isolation, rootAllowed: false, sandbox: { host: room.sandbox, inside: room.sandbox } };
      const said = await room.said(agent, { ...spec, user: "nobody", workingDirectory: room.sandbox, isolation: own });
      expect(said).toContain(readFileSync("/etc/os-release", "utf8"));
      expect(said).toContain("here");
      expect(existsSync("/not-here")).toBe(false);
    });

    test("can be made of copied layers where overlayfs cannot be, whiteouts and ids as they should be", async () => {
      room.runtime = runtime;
      room.options = { backend: "copy" };
      const agent = await room.openOci();
      room.options = {};
      const upper = join(room.dir, "upper-layer");
      mkdirSync(join(upper, "etc"), { recursive: true });
      mkdirSync(join(upper, "root"));
      execFileSync("mknod", [join(upper, "etc/group"), "c", "0", "0"]);
      writeFileSync(join(upper, "root/file"), "new");
      chmodSync(join(upper, "root/file"), 0o4755);
      room.images.layers = [upper, room.busybox()];
      const shell =
        "ls /etc; stat -c '%u %a' /root/file; cat /proc/self/uid_map | tr -s ' '; touch /x && echo writable";
      const said = await room.said(agent, room.isolated("a", shell, { rootAllowed: false }));
      expect(said).toMatch(/^hostname\nhosts\npasswd\nresolv.conf\n0 4755\n 0 200000 65536\nwritable\n$/);
      await room.cleared();
    });
  });

  describe("what is mounted", () => {
    test("a path of the machine, writable or not, and everything in it", async () => {
      const folder = join(room.build(), "data");
      mkdirSync(folder);
      writeFileSync(join(folder, "file"), "data");
      const mounts: ContainerMount[] = [
        { kind: "path", host: folder, inside: "/data", readOnly: true },
        { kind: "path", host: folder, inside: "again", readOnly: false },
        { kind: "path", host: join(folder, "file"), inside: "/etc/motd", readOnly: true },
      ];
      const said = await inside("cat /data/file /etc/motd; touch /data/x; touch again/y && ls /data", { mounts });
      expect(said).toMatch(/^datadata/);
      expect(said).toContain("y\n");
      expect(said).toContain("Read-only file system");
    });

    test("a path that is made for it belongs to its user", async () => {
      const host = join(room.build(), "sandbox/made/deep");
      const mounts: ContainerMount[] = [{ kind: "path", host, inside: "/deep", readOnly: false, make: "directory" }];
      await inside("touch /deep/file", { mounts }, { user: "alice" });
      expect(statSync(join(host, "file")).uid).toBe(1000);
    });

    test("a path that is not there is refused", async () => {
      const mounts: ContainerMount[] = [{ kind: "path", host: "/no/such", inside: "/x", readOnly: false }];
      expect(await refused({ mounts })).toBe("spec: the volume's path /no/such does not exist on this machine");
    });

    test("a link in a folder of the task leads no mount elsewhere", async () => {
      room.build();
      chownSync(room.sandbox, 1000, 1000);
      symlinkSync("/etc", join(room.sandbox, "evil"));
      const host = join(room.sandbox, "evil");
      const mounts: ContainerMount[] = [{ kind: "path", host, inside: "/x", readOnly: false }];
      expect(await refused({ mounts })).toMatch(/^spec: a volume must not lead through a link that others can change/);
    });

    test("a link in the image leads no mount out of the root", async () => {
      room.build();
      const layer = join(room.dir, "linked");
      mkdirSync(layer);
      symlinkSync(join("/", room.dir), join(layer, "out"));
      mkdirSync(join(room.dir, "data"));
      writeFileSync(join(room.dir, "data/file"), "data");
      room.runtime = runtime;
      const agent = await room.openOci();
      room.images.layers = [layer, room.busybox()];
      const mounts: ContainerMount[] = [
        { kind: "path", host: join(room.dir, "data"), inside: "/out/there", readOnly: false },
      ];
      expect(await room.said(agent, room.isolated("a", "cat /out/there/file", { mounts }))).toBe("data");
      expect(existsSync(join(room.dir, "there"))).toBe(false);
    });

    test("a folder that root made for it and nobody has used is its first user's, below folders of everybody too", async () => {
      room.runtime = runtime;
      const agent = await room.openOci();
      const [host, used] = [join(room.dir, "volume"), join(room.dir, "used")];
      for (const path of [host, join(used, "file")]) mkdirSync(path, { recursive: true });
      const how = { kind: "path", readOnly: false, make: "directory" } as const;
      const mounts = [host, used].map((path) => ({ ...how, host: path, inside: path }));
      const script = `touch ${host}/mine && stat -c %u ${host} ${used}; touch ${used}/mine`;
      const spec = { ...room.isolated("a", script, { mounts }), user: "alice" };
      expect(await room.said(agent, spec)).toMatch(/^1000\n0\ntouch: .*Permission denied\n$/);
    });

    test("nothing on the root or the kernel's own paths, and nothing through ..", async () => {
      const at = (path: string): { mounts: ContainerMount[] } => ({
        mounts: [{ kind: "path", host: "/tmp", inside: path, readOnly: false }],
      });
      for (const path of ["/", "/proc/self", "/sys/fs", "/dev"])
        expect(await refused(at(path))).toMatch(/^spec: nothing may be mounted/);
      expect(await refused(at("/x/../proc"))).toMatch(/^spec: a volume's path must not have/);
    });

    test("a secret is a file of memory for its user alone, and is nowhere else", async () => {
      const content = Buffer.from("swordfish").toString("base64");
      const mounts: ContainerMount[] = [{ kind: "secret", inside: "/run/secret", readOnly: true, content }];
      const said = await inside(
        "cat /run/secret; stat -c ' %u %a' /run/secret; grep /run/secret /proc/mounts | cut -d' ' -f3",
        { mounts },
        { user: "alice" },
      );
      expect(said).toBe("swordfish 1000 400\ntmpfs\n");
      const found = execFileSync(
        "sh",
        ["-c", `grep -rl -e swordfish -e ${content} ${room.dir} /dev/shm /run || true`],
        {
          encoding: "utf8",
        },
      );
      expect(found.trim().split("\n")).toEqual([join(room.sandbox, "stdout")]);
    });

    test("secrets, folders and images in a user namespace too", async () => {
      const host = join(room.build(), "sandbox/of/alice");
      mkdirSync(join(room.dir, "sandbox/of"));
      chownSync(join(room.dir, "sandbox/of"), 1000, 1000);
      const content = Buffer.from("swordfish").toString("base64");
      const mounts: ContainerMount[] = [
        { kind: "secret", inside: "/run/secret", readOnly: true, content },
        { kind: "path", host, inside: "/made", readOnly: false, make: "directory" },
        { kind: "image", image: { name: "other", cached: true }, inside: "/other", readOnly: true },
      ];
      const shell =
        "cat /run/secret; touch /made/file && stat -c ' %u' /made/file /other/bin/busybox; grep nodev /proc/mounts | cut -d' ' -f2";
      const said = await inside(shell, { mounts, rootAllowed: false });
      expect(said).toMatch(/^swordfish 0\n 0\n/);
      for (const place of ["/", "/other"]) expect(said.split("\n")).toContain(place);
    });

    test("another image, which cannot be written to", async () => {
      const mounts: ContainerMount[] = [
        { kind: "image", image: { name: "other", cached: true }, inside: "/other", readOnly: true },
      ];
      const said = await inside("cat /other/etc/passwd | head -1; touch /other/x", { mounts });
      expect(said).toMatch(/^root:x:0:0/);
      expect(said).toContain("Read-only file system");
    });
  });

  describe("the process", () => {
    const withImage = async (spec: Partial<ContainerSpec>, config: object) => {
      room.runtime = runtime;
      const agent = await room.openOci();
      room.images.config = config;
      const base = room.isolated("a", "");
      const said = await room.said(agent, { ...base, ...spec }).finally(() => {
        room.images.config = {};
      });
      return said;
    };

    test("is the image's entry point and command, with its variables, folder and user", async () => {
      const config = {
        Entrypoint: ["/bin/sh", "-c", 'pwd; id -un; echo "$A $B" $0'],
        Cmd: ["preset"],
        Env: ["A=image", "B=image"],
        WorkingDir: "/tmp/made/for/it",
        User: "alice",
      };
      const spec = { command: { entrypoint: [] }, environment: { B: "task" } };
      expect(await withImage(spec, config)).toBe("/tmp/made/for/it\nalice\nimage task preset\n");
    });

    test("is the entry point with the task's arguments, or another program with none of the image's", async () => {
      const config = { Entrypoint: ["/bin/echo", "entry"], Cmd: ["preset"] };
      expect(await withImage({ command: { entrypoint: ["mine"] } }, config)).toBe("entry mine\n");
      await room.clear();
      expect(await withImage({ command: { file: "echo", argv: ["echo", "other"] } }, config)).toBe("other\n");
    });

    test("does not begin in a descriptor of the machine, also not by way of a link (CVE-2024-21626)", async () => {
      expect(await refused({}, { workingDirectory: "/proc/self/fd/7" })).toMatch(/^directory: /);
      symlinkSync("/proc/self/fd/7", join(room.sandbox, "way"));
      expect(await refused({}, { workingDirectory: "/sandbox/way" })).toMatch(/^directory: /);
      expect(await refused({}, { workingDirectory: "/sandbox/../proc/self/fd/8/../../" })).toMatch(/^directory: /);
    });

    test("that is not there, or a user who is not, is told", async () => {
      expect(await refused({}, { command: { file: "no-such", argv: ["no-such"] } })).toMatch(/^command: .*no-such/);
      expect(await refused({}, { user: "carol" })).toBe("user: no such user: carol");
    });

    test("has the rlimits that it asked for", async () => {
      const rlimits = [{ type: "RLMT_NOFILE", soft: 100, hard: 200 }, { type: "RLMT_CORE" }];
      expect(await inside("ulimit -n; ulimit -Hn; ulimit -c", {}, { rlimits })).toBe("100\n200\nunlimited\n");
    });
  });

  describe("limits", () => {
    test("memory: the container that takes too much is killed and says how much, also when the hungry one was not its first process", async () => {
      room.runtime = runtime;
      const { containers, heard } = await room.openOci();
      const shell = "(x=a; while :; do x=$x$x; done); sleep 1000";
      containers.launch({ ...room.isolated("a", shell), limits: { memoryBytes: 40 * 1024 * 1024 } });
      expect(await heard.exited("a")).toMatchObject({
        limitation: { reason: "REASON_CONTAINER_LIMITATION_MEMORY", memoryBytes: 40 * 1024 * 1024 },
      });
    });

    test("processes: a fork bomb meets its limit, and the neighbour goes on", async () => {
      room.runtime = runtime;
      const { containers, heard } = await room.openOci();
      containers.launch(room.isolated("neighbour", "while :; do sleep 0.05 && echo on >>alive; done"));
      const bomb = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; echo went on";
      containers.launch({ ...room.isolated("bomb", bomb), limits: { pids: 30 } });
      expect(await heard.exited("bomb")).toMatchObject({ waitStatus: expect.any(Number) });
      expect(room.read("stderr")).toMatch(/can't fork/);
      const before = room.read("alive").length;
      await room.linesOf("alive", before / 3 + 2);
    });

    test("files of its control groups say what was asked for, and block io is counted", async () => {
      room.runtime = runtime;
      const { containers, heard } = await room.openOci();
      const limits = { cpus: 0.5, cpusLimit: 1, memoryBytes: 64 * 1024 * 1024 };
      containers.launch({
        ...room.isolated("a", "dd if=/dev/zero of=data bs=64k count=16 conv=fsync; exec sleep 1000"),
        limits,
      });
      const { pid } = await heard.started("a");
      await room.linesOf("stderr", 2);
      const { layout, base } = containers.cgroups!;
      const read = (controller: "cpu" | "pids" | "memory", name: string) =>
        readFileSync(`${layout[controller]!.mount}/${base}/a/${name}`, "utf8").trim();
      if (layout.cpu?.version === 1) expect(read("cpu", "cpu.shares")).toBe("512");
      expect(read("pids", "pids.max")).toBe("4096");
      const place = layout.devices ? `devices:/${base}/a\n` : `0::/${base}/a/a\n`;
      expect(readFileSync(`/proc/${pid}/cgroup`, "utf8")).toContain(place);
      const used = await containers.statistics("a");
      expect(used).toMatchObject({ cpus_limit: 1, mem_limit_bytes: 64 * 1024 * 1024 });
      const written =
        used?.blkio_statistics?.throttling?.flatMap(({ io_service_bytes = [] }) => io_service_bytes) ?? [];
      const most = Math.max(...written.map(({ op, value }) => (op === "WRITE" ? Number(value) : 0)));
      // A sandbox in memory is on no block device.
      const isInMemory = statfsSync(room.sandbox).type === 0x01021994;
      expect(most).toBeGreaterThanOrEqual(isInMemory ? Number.NEGATIVE_INFINITY : 16 * 64 * 1024);
    });
  });
});
