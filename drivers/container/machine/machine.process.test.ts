import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { afterEach, expect, it } from "vitest";
import { until } from "../../launch/heard.ts";
import type { Images, ReadyImage } from "../oci/ports.ts";
import { Room } from "../room.ts";
import { guestImage } from "./guest.rig.ts";
import { Machines } from "./kind.ts";

const room = new Room();
afterEach(() => room.clear());

// The kernel, the emulator and its processor are real; without KVM a start takes some seconds.
it("a virtual machine runs, answers on its port, outlives its agent, and ends when its power button is pressed", async () => {
  const image = guestImage(
    join(room.build(), "image"),
    `ifconfig eth0 10.0.2.15 netmask 255.255.255.0
mkdir -p /etc/acpi/PWRF /www /var/log
echo 'echo the button was pressed > /dev/console; poweroff -f' > /etc/acpi/PWRF/00000080; chmod +x /etc/acpi/PWRF/00000080
echo 'a page of the guest' > /www/index.html
httpd -p 80 -h /www
acpid -f &
until ls -l /proc/$!/fd | grep -q /dev/input; do sleep 0.1; done
echo "arguments: $*"
echo up
wait`,
  );
  const { containers, heard } = await openMachines();
  const hostPort = await freePort();
  containers.launch(machine("vm", `machine:${image}`, [{ hostPort, containerPort: 80, protocol: "tcp" }]));
  await heard.started("vm");
  await until(() => /^up\r?$/m.test(room.read("stdout")));
  expect(room.read("stdout")).toMatch(/^arguments: first second\r?\nup\r?$/m);
  expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toBe("a page of the guest\n");
  containers.close();
  const later = await openMachines();
  expect(await later.containers.recover()).toMatchObject([{ id: "vm" }]);
  expect(await later.containers.statistics("vm")).toMatchObject({ mem_rss_bytes: expect.any(Number) });
  later.containers.signal("vm", 15, "all");
  expect(await later.heard.exited("vm")).toMatchObject({ waitStatus: 0 });
  expect(room.read("stdout")).toContain("the button was pressed");
  expect(readdirSync(machinesDir())).toEqual([]);
});

it("a guest that does not listen is ended by force, and one whose kernel panics has failed", async () => {
  const image = guestImage(
    join(room.build(), "image"),
    `echo up
if [ "$1" = fail ]; then echo c > /proc/sysrq-trigger; fi
while true; do sleep 1000; done`,
  );
  const { containers, heard } = await openMachines();
  containers.launch({ ...machine("deaf", `machine:${image}`), command: { shell: "stay" } });
  await room.linesOf("stdout", 1);
  containers.destroy("deaf");
  expect(await heard.exited("deaf")).toMatchObject({ waitStatus: 9 });
  containers.launch({ ...machine("failing", `machine:${image}`), command: { shell: "fail" } });
  expect(await heard.exited("failing")).toMatchObject({ waitStatus: 1 << 8 });
  expect(readdirSync(machinesDir())).toEqual([]);
});

it("a guest has its image's disk to itself, its terminal, and all of its memory, as another user than root", async () => {
  const [upper, lower] = [join(room.build(), "store/upper"), join(room.dir, "store/lower")];
  mkdirSync(upper, { recursive: true });
  guestImage(
    lower,
    `head -c 17 /dev/vda
echo changed >/dev/vda; sync; head -c 7 /dev/vda
read line; echo "heard: $line"
sh -c 'echo 1000 >/proc/self/oom_score_adj; exec tail /dev/zero'; echo "used all: $?"
poweroff -f`,
    "files",
  );
  writeFileSync(join(room.dir, "disk.raw"), "words of the disk".padEnd(4_096, "."));
  execFileSync("qemu-img", ["convert", "-O", "qcow2", join(room.dir, "disk.raw"), join(lower, "disk.qcow2")]);
  const untouched = readFileSync(join(lower, "disk.qcow2"));
  writeFileSync(join(upper, "cmdline"), "quiet panic=-1 hello");
  chmodSync(join(room.dir, "store"), 0o700);
  room.ownedBy("nobody");
  const { containers, heard } = await openMachines({ ...noImages, prepare: async () => readyImage([upper, lower]) });
  const { isolation, ...spec } = machine("vm", "machine:registry/image");
  const terminal = { rows: 24, columns: 80 };
  containers.launch({ ...spec, user: "nobody", terminal, isolation: { ...isolation!, rootAllowed: false } });
  await heard.started("vm");
  await until(() => room.read("stdout").includes("changed"));
  void containers.input("vm")!.write(new TextEncoder().encode("a line\n"));
  expect(await heard.exited("vm")).toEqual({ type: "exited", id: "vm", waitStatus: 0 });
  expect(room.read("stdout")).toContain("words of the disk");
  expect(room.read("stdout")).toContain("heard: a line");
  expect(room.read("stdout")).toContain("used all: 137");
  expect(readFileSync(join(lower, "disk.qcow2"))).toEqual(untouched);
  expect(readdirSync(machinesDir())).toEqual([]);
});

it("what cannot be for a virtual machine is refused by name", async () => {
  room.build();
  const { containers, heard } = await openMachines();
  const base = machine("x", "machine:/no/such/folder");
  const own = { name: "meseta", portMappings: [], labels: {}, addresses: ["10.1.2.3"] };
  const cases: [change: Partial<Isolation>, more: Partial<ContainerSpec>, sentence: RegExp][] = [
    [
      { mounts: [{ kind: "path", host: "/tmp", inside: "/data", readOnly: true }] },
      {},
      /cannot have volumes \(\/data\)/,
    ],
    [{ privileged: true }, {}, /cannot have a privileged container's rights/],
    [{ capabilities: { effective: ["NET_RAW"] } }, {}, /cannot have capabilities/],
    [{ seccomp: "unconfined" }, {}, /cannot have a seccomp profile/],
    [{ pidNamespace: "agent" }, {}, /cannot have process ids in common/],
    [{ ipc: { mode: "own", shmMiB: 7 } }, {}, /cannot have shared memory/],
    [{ devices: [{ path: "/dev/kvm", access: "rw" }] }, {}, /cannot have the device \/dev\/kvm/],
    [{ readOnlyRoot: true }, {}, /cannot have a read-only root/],
    [{ network: { kind: "own", group: "x", hostname: "x", networks: [own] } }, {}, /cannot have an address of its own/],
    [{}, { rlimits: [{ type: "RLMT_CORE" }] }, /cannot have rlimits/],
    [{}, { limits: { memoryBytes: 100 * 1024 * 1024 } }, /needs at least 160 MB of memory/],
    [{ rootAllowed: false }, {}, /runs nothing as root/],
    [{ rootAllowed: false }, { user: "root" }, /runs nothing as root/],
    [{}, { user: "carol" }, /no user 'carol'/],
  ];
  for (const [at, [change, more, sentence]] of cases.entries()) {
    const id = `case-${at}`;
    containers.launch({ ...base, id, ...more, isolation: { ...base.isolation!, ...change } });
    expect((await heard.failed(id)).message).toMatch(sentence);
  }
  expect(existsSync(machinesDir()) ? readdirSync(machinesDir()) : []).toEqual([]);
});

it("an image that holds no machine, or a disk that names other files, is refused with a sentence", async () => {
  const folder = join(room.build(), "image");
  mkdirSync(folder);
  const { containers, heard } = await openMachines();
  containers.launch(machine("empty", `machine:${folder}`));
  expect(await heard.failed("empty")).toMatchObject({
    cause: "image",
    message: expect.stringContaining("no virtual machine"),
  });
  const header = Buffer.alloc(104);
  header.write("QFI\xfb", "latin1");
  header.writeUInt32BE(3, 4);
  header.writeBigUInt64BE(72n, 8);
  writeFileSync(join(folder, "disk.qcow2"), header);
  containers.launch(machine("leading-astray", `machine:${folder}`));
  expect(await heard.failed("leading-astray")).toMatchObject({
    cause: "image",
    message: expect.stringContaining("another file"),
  });
  expect(existsSync(machinesDir()) ? readdirSync(machinesDir()) : []).toEqual([]);
});

function machinesDir(): string {
  return join(room.dir, "machines");
}

async function openMachines(images = noImages) {
  return room.open({
    kinds: async ({ programs, log }) => [
      new Machines({
        dir: machinesDir(),
        images,
        programs,
        ip: "127.0.0.1",
        users: (name) => ({ nobody: { uid: 65_534, gid: 65_534 }, root: { uid: 0, gid: 0 } })[name],
        log,
      }),
    ],
  });
}

function machine(
  id: string,
  name: string,
  portMappings: { hostPort: number; containerPort: number; protocol: "tcp" }[] = [],
): ContainerSpec {
  const isolation: Isolation = {
    image: { name, cached: true },
    sandbox: { host: room.sandbox, inside: "/mnt/mesos/sandbox" },
    mounts: [],
    network: {
      kind: "own",
      group: id,
      hostname: id,
      networks: [{ name: "meseta", portMappings, labels: {}, addresses: [] }],
    },
    rootAllowed: true,
    pidNamespace: "own",
  };
  const limits = { cpus: 1, memoryBytes: 256 * 1024 * 1024 };
  return { ...room.spec(id, "first second"), isolation, limits };
}

function readyImage(layers: readonly string[]): ReadyImage {
  return { digest: "sha256:0", layers, config: {} };
}

const noImages: Images = {
  prepare: () => Promise.reject(new Error("these machines are folders")),
  release() {},
  recover: async () => {},
  prune: async () => {},
};
