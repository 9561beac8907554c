import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { afterEach, expect, it } from "vitest";
import type { Images } from "../oci/ports.ts";
import { Room } from "../room.ts";
import { guestImage } from "./guest.rig.ts";
import { Machines } from "./kind.ts";

const room = new Room();
afterEach(() => room.clear());

// The kernel, the emulator and its processor are real; without KVM a start takes some seconds.
const patience = { timeout: 60_000 };

it("a virtual machine runs, answers on its port, and ends when its power button is pressed", patience, async () => {
  const image = guestImage(
    join(room.build(), "image"),
    `ifconfig eth0 10.0.2.15 netmask 255.255.255.0
mkdir -p /etc/acpi/PWRF /www /var/log
echo 'echo the button was pressed > /dev/console; poweroff -f' > /etc/acpi/PWRF/00000080; chmod +x /etc/acpi/PWRF/00000080
echo 'a page of the guest' > /www/index.html
httpd -p 80 -h /www
acpid -f &
echo "arguments: $*"
echo up
wait`,
  );
  const { containers, heard } = await openMachines();
  const hostPort = await freePort();
  containers.launch(machine("vm", `machine:${image}`, [{ hostPort, containerPort: 80, protocol: "tcp" }]));
  await heard.started("vm");
  const lines = await room.linesOf("stdout", 2);
  expect(lines.map((line) => line.trim())).toEqual(["arguments: first second", "up"]);
  expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toBe("a page of the guest\n");
  containers.signal("vm", 15, "all");
  expect(await heard.exited("vm")).toMatchObject({ waitStatus: 0 });
  expect(room.read("stdout")).toContain("the button was pressed");
  expect(readdirSync(machinesDir())).toEqual([]);
});

it("a guest that does not listen is ended by force, and one whose kernel panics has failed", patience, async () => {
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

async function openMachines() {
  return room.open({
    kinds: async ({ programs, log }) => [
      new Machines({
        dir: machinesDir(),
        images: noImages,
        programs,
        ip: "127.0.0.1",
        users: () => undefined,
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

const noImages: Images = {
  prepare: () => Promise.reject(new Error("these machines are folders")),
  release() {},
  recover: async () => {},
  prune: async () => {},
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
