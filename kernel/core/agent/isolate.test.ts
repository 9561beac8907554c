import type { CommandInfo, ContainerInfo, Resource, Volume } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { describe, expect, test } from "vitest";
import { containerProblem } from "./abilities.ts";
import { ABLE, imageContainer, TEST_CONFIG } from "./agent.rig.ts";
import { type Asker, type Outfit, outfitOf } from "./isolate.ts";
import { AGENT_DEFAULTS, type AgentConfig, type ContainerAbilities, PLAIN_PROCESSES } from "./state.ts";

const CONFIG: AgentConfig = { ...AGENT_DEFAULTS, ...TEST_CONFIG, containers: ABLE };

function ask(container: ContainerInfo | undefined, more: Partial<Asker> = {}, config = CONFIG) {
  const asker = { id: "c1", command: { value: "x" }, directory: "/box", resources: [], defaultUser: "alice" };
  return outfitOf(config, { ...asker, container, ...more });
}

function outfit(container: ContainerInfo | undefined, more: Partial<Asker> = {}, config = CONFIG): Outfit {
  const out = ask(container, more, config);
  if (isRefusal(out)) throw new Error(out.message);
  return out;
}

const isolation = (container: ContainerInfo, more: Partial<Asker> = {}) => outfit(container, more).isolation!;

function refusal(container: ContainerInfo | undefined, more: Partial<Asker> = {}): string {
  const out = ask(container, more);
  return isRefusal(out) ? out.message : "";
}

function problem(container: ContainerInfo, abilities: Partial<ContainerAbilities>): string | undefined {
  return containerProblem(outfit(container).isolation, { ...ABLE, ...abilities })?.message;
}

const volume = (more: Partial<Volume>): Volume => ({ mode: "RW", container_path: "data", ...more });
const withVolume = (more: Partial<Volume>) => imageContainer({ volumes: [volume(more)] });
const disk: Resource = {
  name: "disk",
  type: "SCALAR",
  scalar: { value: 8 },
  reservations: [{ type: "DYNAMIC", role: "r" }],
  disk: { persistence: { id: "v" }, volume: { mode: "RW", container_path: "data" } },
};

describe("a command", () => {
  test("that asks for nothing is a plain process, as its user", () => {
    expect(outfit(undefined)).toEqual({
      isolation: undefined,
      links: [],
      inside: "/box",
      spec: { command: { shell: "x" }, workingDirectory: "/box", user: "alice" },
      environment: {},
    });
  });

  test("stays one with limits of its process, a terminal, shared pids, and volumes that links can be", () => {
    const { isolation, links, spec } = outfit({
      type: "MESOS",
      rlimit_info: { rlimits: [{ type: "RLMT_NOFILE", soft: 1, hard: 2 }] },
      tty_info: { window_size: { rows: 3, columns: 4 } },
      linux_info: { share_pid_namespace: true },
      network_infos: [{}],
      volumes: [volume({ host_path: "/srv" }), volume({ container_path: "tmp", host_path: "own/tmp" })],
    });
    expect(isolation).toBeUndefined();
    expect(spec).toMatchObject({
      rlimits: [{ type: "RLMT_NOFILE", soft: 1, hard: 2 }],
      terminal: { rows: 3, columns: 4 },
    });
    expect(links).toEqual([
      { path: "/box/data", target: "/srv", makeTarget: false },
      { path: "/box/tmp", target: "/box/own/tmp", makeTarget: true },
    ]);
  });

  test.each<[string, Partial<ContainerInfo>]>([
    ["a network", { network_infos: [{ name: "net" }] }],
    ["capabilities", { linux_info: { effective_capabilities: { capabilities: ["KILL"] } } }],
    ["a private IPC namespace", { linux_info: { ipc_mode: "PRIVATE" } }],
    ["a volume that cannot be written", { volumes: [volume({ mode: "RO", host_path: "/srv" })] }],
  ])("is set apart, in the agent's own file system, when it asks for %s", (_, more) => {
    const { isolation, inside } = outfit({ type: "MESOS", ...more });
    expect(isolation).toMatchObject({ sandbox: { host: "/box", inside: "/box" }, pidNamespace: "own" });
    expect(isolation!.image).toBeUndefined();
    expect(inside).toBe("/box");
  });
});

describe("a container with an image", () => {
  test("sees its sandbox where Mesos shows it, and says only what was asked for", () => {
    expect(outfit(imageContainer())).toEqual({
      isolation: {
        image: { name: "debian:12", cached: true },
        sandbox: { host: "/box", inside: "/mnt/mesos/sandbox" },
        mounts: [],
        network: { kind: "host" },
        defaultUser: "alice",
        rootAllowed: false,
        pidNamespace: "own",
      },
      links: [],
      inside: "/mnt/mesos/sandbox",
      spec: { command: { shell: "x" }, workingDirectory: "/mnt/mesos/sandbox", isolation: expect.anything() },
      environment: {},
    });
  });

  test.each<[string, CommandInfo, object]>([
    ["a shell's line", { value: "a b" }, { shell: "a b" }],
    ["a file", { shell: false, value: "/bin/a" }, { file: "/bin/a", argv: ["/bin/a"] }],
    ["a file with its name", { shell: false, value: "a", arguments: ["A", "b"] }, { file: "a", argv: ["A", "b"] }],
    ["the entrypoint", { shell: false }, { entrypoint: [] }],
    ["the entrypoint with arguments", { shell: false, arguments: ["a"] }, { entrypoint: ["a"] }],
  ])("runs %s", (_, command, expected) => {
    expect(outfit(imageContainer(), { command }).spec.command).toEqual(expected);
  });

  test("runs as the user of its command, and else leaves the choice to the image", () => {
    expect(outfit(imageContainer(), { command: { value: "x", user: "web" } }).spec.user).toBe("web");
    expect(outfit(imageContainer()).spec.user).toBeUndefined();
  });

  test("is pulled again when it is not to be cached, and with its own credentials", () => {
    const config = { type: "VALUE" as const, value: { data: btoa('{"auths":{}}') } };
    const image = { type: "DOCKER" as const, docker: { name: "a", config }, cached: false };
    expect(isolation({ type: "MESOS", mesos: { image } }).image).toEqual({
      name: "a",
      cached: false,
      credentials: '{"auths":{}}',
    });
  });

  test("has the rights and namespaces that it asks for", () => {
    const container = imageContainer({
      hostname: "web",
      network_infos: [
        {
          name: "net",
          labels: { labels: [{ key: "k", value: "v" }] },
          ip_addresses: [{ ip_address: "10.0.0.9" }, {}],
          port_mappings: [{ host_port: 31000, container_port: 80 }],
        },
      ],
      linux_info: {
        effective_capabilities: { capabilities: ["CHOWN"] },
        bounding_capabilities: { capabilities: ["CHOWN", "KILL"] },
        seccomp: { profile_name: "strict.json" },
        ipc_mode: "PRIVATE",
        shm_size: 64,
      },
    });
    expect(isolation(container)).toMatchObject({
      network: {
        kind: "own",
        group: "c1",
        hostname: "web",
        networks: [
          {
            name: "net",
            labels: { k: "v" },
            addresses: ["10.0.0.9"],
            portMappings: [{ hostPort: 31000, containerPort: 80, protocol: "tcp" }],
          },
        ],
      },
      capabilities: { effective: ["CHOWN"], bounding: ["CHOWN", "KILL"] },
      seccomp: { profile: "strict.json" },
      ipc: { mode: "own", shmMiB: 64 },
    });
  });

  test.each<[string, ContainerInfo, Partial<Asker>]>([
    ["an appc image", { type: "MESOS", mesos: { image: { type: "APPC", appc: { name: "a" } } } }, {}],
    [
      "credentials that are only named",
      imageContainer({
        mesos: {
          image: { type: "DOCKER", docker: { name: "a", config: { type: "REFERENCE", reference: { name: "s" } } } },
        },
      }),
      {},
    ],
    [
      "a variable that is only named",
      imageContainer(),
      {
        command: {
          value: "x",
          environment: {
            variables: [{ name: "A", type: "SECRET", secret: { type: "REFERENCE", reference: { name: "s" } } }],
          },
        },
      },
    ],
    ["a hostname that would break files", imageContainer({ hostname: "a\nb", network_infos: [{ name: "net" }] }), {}],
    [
      "a seccomp profile from elsewhere",
      imageContainer({ linux_info: { seccomp: { profile_name: "../../x.json" } } }),
      {},
    ],
    [
      "a protocol that is none",
      imageContainer({
        network_infos: [{ name: "net", port_mappings: [{ host_port: 1, container_port: 1, protocol: "icmp" }] }],
      }),
      {},
    ],
  ])("is refused with %s", (_, container, more) => {
    expect(refusal(container, more)).not.toBe("");
  });
});

describe("a volume", () => {
  test.each<[string, Partial<Volume>, object]>([
    ["path of the agent", { host_path: "/srv" }, { kind: "path", host: "/srv" }],
    ["path in the sandbox", { host_path: "a/b" }, { kind: "path", host: "/box/a/b", make: "directory" }],
    [
      "path of the agent, as a source",
      { source: { type: "HOST_PATH", host_path: { path: "/srv" } } },
      { host: "/srv" },
    ],
    [
      "folder of the sandbox",
      { source: { type: "SANDBOX_PATH", sandbox_path: { type: "SELF", path: "a" } } },
      { host: "/box/a", make: "directory" },
    ],
    [
      "image",
      { image: { type: "DOCKER", docker: { name: "i" } } },
      { kind: "image", image: { name: "i", cached: true } },
    ],
    [
      "secret",
      { source: { type: "SECRET", secret: { type: "VALUE", value: { data: "cHc=" } } } },
      { kind: "secret", content: "cHc=" },
    ],
    [
      "mount that the agent sees",
      { source: { type: "HOST_PATH", host_path: { path: "/srv", mount_propagation: { mode: "BIDIRECTIONAL" } } } },
      { propagate: true },
    ],
  ])("may be a %s", (_, more, expected) => {
    const { mounts } = isolation(withVolume({ container_path: "/data/", ...more }));
    expect(mounts).toMatchObject([{ inside: "/data", readOnly: false, ...expected }]);
  });

  test("that persists is seen inside, below the sandbox or where the image wants it", () => {
    expect(isolation(imageContainer(), { resources: [disk] }).mounts).toEqual([
      { kind: "path", inside: "data", readOnly: false, host: "/var/lib/agent/volumes/roles/r/v", make: "directory" },
    ]);
    const at = { ...disk, disk: { ...disk.disk, volume: { mode: "RW" as const, container_path: "/var/db" } } };
    expect(isolation(imageContainer(), { resources: [at] }).mounts).toMatchObject([{ inside: "/var/db" }]);
  });

  test.each<[string, Resource["disk"], string]>([
    ["PATH", { source: { type: "PATH", path: { root: "/disk1" } } }, "/disk1/volumes/roles/r/v"],
    ["a relative PATH", { source: { type: "PATH", path: { root: "d1" } } }, "/var/lib/agent/d1/volumes/roles/r/v"],
    ["MOUNT", { source: { type: "MOUNT", mount: { root: "/mnt/d2" } } }, "/mnt/d2"],
    ["MOUNT without a root", { source: { type: "MOUNT" } }, "/var/lib/agent/volumes/roles/r/v"],
  ])("on a disk of type %s lies there", (_, source, host) => {
    const resource = { ...disk, disk: { ...disk.disk, ...source } };
    expect(isolation(imageContainer(), { resources: [resource] }).mounts).toMatchObject([{ host }]);
    expect(outfit(undefined, { resources: [resource] }).links).toEqual([
      { path: "/box/data", target: host, makeTarget: true },
    ]);
  });

  test.each<[string, Partial<Volume>]>([
    ["leads out of the sandbox", { container_path: "../x", host_path: "/srv" }],
    ["leads nowhere", { container_path: "/a//b", host_path: "/srv" }],
    ["is the root", { container_path: "/", host_path: "/srv" }],
    ["hides the kernel's files", { container_path: "/proc/sys", host_path: "/srv" }],
    ["comes from above the sandbox", { host_path: "../../etc" }],
    [
      "comes from beside the sandbox",
      { source: { type: "SANDBOX_PATH", sandbox_path: { type: "SELF", path: "a/../.." } } },
    ],
    ["is a driver's", { source: { type: "DOCKER_VOLUME", docker_volume: { name: "v" } } }],
    ["is a plugin's", { source: { type: "CSI_VOLUME", csi_volume: { plugin_name: "p" } } }],
    [
      "is a secret that is only named",
      { source: { type: "SECRET", secret: { type: "REFERENCE", reference: { name: "s" } } } },
    ],
  ])("is refused when it %s", (_, more) => {
    expect(refusal(withVolume(more))).not.toBe("");
  });

  test("has no absolute path where there is no image", () => {
    expect(refusal({ type: "MESOS", volumes: [volume({ container_path: "/etc", host_path: "/srv" })] })).toContain(
      "absolute",
    );
  });

  test("of the parent is a folder of its sandbox, or the volume that the parent has there", () => {
    const parent = {
      directory: "/pod",
      resources: [disk],
      container: { type: "MESOS" as const, volumes: [volume({ container_path: "logs", host_path: "/var/log" })] },
      network: { kind: "host" as const },
      sharesIpc: false,
    };
    const from = (path: string) =>
      isolation(withVolume({ source: { type: "SANDBOX_PATH", sandbox_path: { type: "PARENT", path } } }), { parent })
        .mounts[0];
    expect([from("shared"), from("data"), from("data/sub"), from("logs/web")]).toMatchObject([
      { host: "/pod/shared", make: "directory" },
      { host: "/var/lib/agent/volumes/roles/r/v", make: "directory" },
      { host: "/var/lib/agent/volumes/roles/r/v/sub", make: "directory" },
      { host: "/var/log/web", make: "directory" },
    ]);
  });
});

describe("an agent", () => {
  test.each<[string, ContainerInfo, Partial<ContainerAbilities>, string]>([
    ["without a runtime", imageContainer(), PLAIN_PROCESSES, "install crun or runc"],
    [
      "without the network",
      imageContainer({ network_infos: [{ name: "other" }] }),
      {},
      "no network named 'other'; it has net, meseta",
    ],
    [
      "without leave for more capabilities",
      imageContainer({ linux_info: { effective_capabilities: { capabilities: ["KILL", "SYS_ADMIN"] } } }),
      {},
      "the capabilities SYS_ADMIN: start it with --allow-privileged",
    ],
    [
      "without leave to go without seccomp",
      imageContainer({ linux_info: { seccomp: { unconfined: true } } }),
      {},
      "seccomp",
    ],
    [
      "without leave for privileged containers",
      { type: "DOCKER", docker: { image: "a", privileged: true } },
      {},
      "all rights",
    ],
    [
      "without leave for its process ids",
      imageContainer({ linux_info: { share_pid_namespace: true } }),
      {},
      "process ids",
    ],
    [
      "without leave for its IPC namespace",
      imageContainer({ linux_info: { ipc_mode: "SHARE_PARENT" } }),
      {},
      "IPC namespace",
    ],
    [
      "without the device",
      { type: "DOCKER", docker: { image: "a", parameters: [{ key: "device", value: "/dev/kvm" }] } },
      {},
      "/dev/kvm",
    ],
  ])("%s says what is missing", (_, container, abilities, words) => {
    expect(problem(container, abilities)).toContain(words);
  });

  test("that allows them gives them", () => {
    const all = { privileged: true, hostNamespaces: true, devices: ["/dev/kvm"], networks: ["net"] };
    const container: ContainerInfo = {
      ...imageContainer(),
      network_infos: [{ name: "net" }],
      linux_info: {
        share_pid_namespace: true,
        ipc_mode: "SHARE_PARENT",
        seccomp: { unconfined: true },
        effective_capabilities: { capabilities: ["SYS_ADMIN"] },
      },
    };
    expect(problem(container, all)).toBeUndefined();
    expect(isolation(container)).toMatchObject({
      pidNamespace: "agent",
      ipc: { mode: "agent" },
      seccomp: "unconfined",
    });
  });
});
