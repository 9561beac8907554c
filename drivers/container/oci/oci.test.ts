import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type ContainerPlan, configText } from "./config.ts";
import { allCapabilities, capabilities } from "./isolators/capabilities.ts";
import { lookUp } from "./isolators/identity.ts";
import { bindMounts } from "./isolators/mounts.ts";
import { argumentsOf, environmentOf } from "./isolators/process.ts";
import { hostId, parseIdRange } from "./isolators/user-namespace.ts";
import { layeredRoot } from "./root.ts";
import { RootView } from "./root-view.ts";
import { hiddenFrom } from "./runtime.ts";
import { translated } from "./seccomp-files.ts";

const made: string[] = [];
const folder = () => made[made.push(mkdtempSync(join(tmpdir(), "meseta-oci-"))) - 1]!;
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe("arguments", () => {
  const image = { Entrypoint: ["/entry", "-x"], Cmd: ["preset"] };
  test.each([
    [{ shell: "echo $A" }, ["/bin/sh", "-c", "echo $A"]],
    [{ file: "ls", argv: ["ls", "-l"] }, ["ls", "-l"]],
    [{ file: "/bin/ls", argv: [] }, ["/bin/ls"]],
    [{ entrypoint: [] }, ["/entry", "-x", "preset"]],
    [{ entrypoint: ["mine"] }, ["/entry", "-x", "mine"]],
  ])("of %j", (command, expected) => expect(argumentsOf(command, image)).toEqual(expected));

  test("are missing when neither names any", () => expect(argumentsOf({ entrypoint: [] }, {})).toBeUndefined());
});

test("the task's variables go over the image's, and those over what every container has", () => {
  const preset = { home: "/root", terminal: true };
  const found = environmentOf({ A: "task", EMPTY: "" }, { Env: ["A=image", "B=x=y", "PATH=/p", "odd"] }, preset);
  expect(found).toEqual({ PATH: "/p", HOME: "/root", TERM: "xterm", A: "task", B: "x=y", EMPTY: "" });
});

describe("a user", () => {
  const accounts = {
    passwd: "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n",
    group: "alice:x:1001:\nmusic:x:2000:bob,alice\n",
  };
  test.each([
    ["alice", { uid: 1000, gid: 1001, groups: [2000], home: "/home/alice" }],
    ["1000", { uid: 1000, gid: 1001, groups: [2000], home: "/home/alice" }],
    ["alice:music", { uid: 1000, gid: 2000, groups: [], home: "/home/alice" }],
    ["4000", { uid: 4000, gid: 0, groups: [], home: "/" }],
    ["4000:5000", { uid: 4000, gid: 5000, groups: [], home: "/" }],
  ])("%s", (name, expected) => expect(lookUp(name, accounts)).toEqual(expected));
  test.each(["carol", "alice:nobody", "-1", "4294967295", ""])("%j is none", (name) =>
    expect(lookUp(name, accounts)).toBeUndefined(),
  );
});

test("an id range leaves the machine's own users alone", () => {
  expect(parseIdRange("100000:65536")).toEqual({ first: 100_000, count: 65_536 });
  for (const bad of ["0:65536", "1000:10", "x", "100000", "100000:0", "4294967000:65536"])
    expect(parseIdRange(bad)).toBeUndefined();
  expect(hostId(5, { first: 100_000, count: 10 })).toBe(100_005);
  expect(hostId(10, { first: 100_000, count: 10 })).toBeUndefined();
});

describe("a root of layers", () => {
  test("shows the topmost, hides what is whited out by a file, and follows links as they are inside", () => {
    const [top, below] = [folder(), folder()];
    mkdirSync(join(below, "etc"));
    mkdirSync(join(top, "etc"));
    mkdirSync(join(below, "dir"));
    writeFileSync(join(below, "etc/passwd"), "below");
    writeFileSync(join(top, "etc/group"), "top");
    writeFileSync(join(top, "dir"), "a file over a folder");
    writeFileSync(join(below, "dir/hidden"), "");
    symlinkSync("/etc", join(top, "absolute"));
    symlinkSync("../../../../../../etc/passwd", join(top, "up"));
    symlinkSync("loop", join(top, "loop"));
    const view = new RootView([top, below]);
    expect([view.read("/etc/passwd"), view.read("/etc/group"), view.read("/dir")]).toEqual([
      "below",
      "top",
      "a file over a folder",
    ]);
    expect(view.resolve("/dir/hidden").found).toBeUndefined();
    expect(view.resolve("/absolute/../x").inside).toBe("/x");
    expect(view.read("/up")).toBe("below");
    expect(view.resolve("/no/such/place")).toEqual({ inside: "/no/such/place", found: undefined });
    expect(() => view.resolve("/loop")).toThrow("too many links");
  });

  test("never leads out, whatever its links say", () => {
    const step = fc.constantFrom("..", ".", "a", "b", "etc", "/", "link");
    const target = fc.array(step, { maxLength: 6 }).map((parts) => parts.join("/") || ".");
    fc.assert(
      fc.property(target, target, target, (one, two, path) => {
        const root = folder();
        mkdirSync(join(root, "a/b"), { recursive: true });
        symlinkSync(one, join(root, "link"));
        symlinkSync(two, join(root, "a/link"));
        try {
          const { found } = new RootView([root]).resolve(path);
          expect(found === undefined || found.host === root || found.host.startsWith(`${root}/`)).toBe(true);
        } catch (error) {
          expect((error as Error).message).toContain("too many links");
        }
      }),
      { numRuns: 100 },
    );
  });

  test("is one mount as long as its options fit a page, and named from a folder of links beyond that", () => {
    const wish = { name: "root", readOnly: false, backend: "overlay" } as const;
    const few = layeredRoot({ ...wish, folder: folder(), layers: ["/x/1", "/x/2:odd"] });
    expect(few.arrange).toEqual([]);
    expect(few.mounts[0]).toMatchObject({ data: expect.stringContaining("lowerdir=/x/1:/x/2\\:odd,upperdir=") });
    const layers = Array.from({ length: 127 }, (_, at) => `/var/lib/somewhere/images/layers/sha256/${at}/files`);
    const many = layeredRoot({ ...wish, folder: folder(), layers });
    expect(many.mounts).toEqual([]);
    expect(many.arrange.filter(([verb]) => verb === "layer")).toHaveLength(127);
    const [, , , , , data] = many.arrange.at(-1)!;
    expect(data!.length).toBeLessThan(4096);
  });
});

test("capabilities are never more than the machine can give", () => {
  const name = fc.constantFrom(...allCapabilities);
  fc.assert(
    fc.property(
      fc.array(name),
      fc.option(fc.array(name)),
      fc.boolean(),
      fc.nat(2),
      (machine, effective, privileged, uid) => {
        const wish = { privileged, ...(effective && { capabilities: { effective } }) };
        const found = capabilities(wish, uid, machine);
        const all = machine.map((one) => `CAP_${one}`);
        for (const set of Object.values(found)) for (const one of set) expect(all).toContain(one);
        for (const one of found.ambient) expect(found.inheritable).toContain(one);
      },
    ),
  );
});

test("a profile in Docker's form is taken for this architecture and these capabilities", () => {
  const profile = {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW", args: null },
      { names: ["mount"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_SYS_ADMIN"] } },
      { names: ["clone"], action: "SCMP_ACT_ALLOW", excludes: { caps: ["CAP_SYS_ADMIN"] } },
      { names: ["arm_only"], action: "SCMP_ACT_ALLOW", includes: { arches: ["arm64"] } },
    ],
  };
  const names = (held: string[]) => translated(profile, held, "x64").syscalls.flatMap((one) => one.names);
  expect(names([])).toEqual(["read", "clone"]);
  expect(names(["CAP_SYS_ADMIN"])).toEqual(["read", "mount"]);
  expect(translated(profile, [], "x64").architectures).toEqual(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
});

test("what a runtime must not see of cgroups depends on the machine", () => {
  const v1 = "cgroup /sys/fs/cgroup/pids cgroup rw 0 0";
  const hybrid = `${v1}\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`;
  const v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0";
  expect(hiddenFrom("crun", hybrid)).toEqual([{ kind: "unmount", target: "/sys/fs/cgroup/unified" }]);
  expect([hiddenFrom("crun", v1), hiddenFrom("crun", v2)]).toEqual([[], []]);
  expect(hiddenFrom("runc", hybrid).map((one) => one.target)).toEqual([
    "/sys/fs/cgroup/pids",
    "/sys/fs/cgroup/unified",
  ]);
});

test("config.json keeps the largest numbers exactly, and says nothing of cgroups", () => {
  const isolation: Isolation = {
    image: { name: "x", cached: true },
    sandbox: { host: "/s", inside: "/s" },
    mounts: [],
    network: { kind: "host" },
    rootAllowed: true,
    pidNamespace: "own",
  };
  const plan: ContainerPlan = {
    isolation,
    arguments: ['{"soft":"12"}'],
    environment: { A: '"hard":"7"' },
    workingDirectory: "/",
    identity: { uid: 0, gid: 0, groups: [], home: "/" },
    rlimits: [{ type: "RLMT_CORE" }],
    root: "/r",
    readOnlyRoot: false,
    binds: [],
    devices: [],
  };
  const text = configText(plan, {
    architecture: "x64",
    capabilities: ["KILL"],
    recursiveReadOnly: true,
    devicesRefused: true,
  });
  expect(text).toContain('"soft":18446744073709551615');
  const { process, linux } = JSON.parse(text) as { process: { args: string[]; env: string[] }; linux: object };
  expect([process.args, process.env]).toEqual([['{"soft":"12"}'], ['A="hard":"7"']]);
  expect(linux).not.toHaveProperty("cgroupsPath");
  expect(linux).not.toHaveProperty("resources");
});

test("folders of memory are mounted among the binds, outer ones first, and read-only where asked", () => {
  const memory = { source: "tmpfs", inside: "/data/tmp", readOnly: true, tmpfs: ["nosuid", "size=1"] };
  expect(bindMounts([memory, { source: "/srv", inside: "/data", readOnly: false }], true)).toEqual([
    { destination: "/data", type: "bind", source: "/srv", options: ["rbind", "rprivate", "nodev"] },
    { destination: "/data/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "size=1", "ro"] },
  ]);
});
