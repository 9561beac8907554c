import type { CommandInfo, ContainerInfo, Parameter } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { expect, test } from "vitest";
import { ABLE, TEST_CONFIG } from "./agent.rig.ts";
import { type Outfit, outfitOf } from "./isolate.ts";
import { AGENT_DEFAULTS } from "./state.ts";

type Docker = NonNullable<ContainerInfo["docker"]>;

function outfit(docker: Partial<Docker>, more: Partial<ContainerInfo> = {}, command: CommandInfo = { value: "x" }) {
  const config = { ...AGENT_DEFAULTS, ...TEST_CONFIG, containers: ABLE };
  return outfitOf(config, {
    id: "c1",
    container: { type: "DOCKER", docker: { image: "nginx", ...docker }, ...more },
    command,
    directory: "/box",
    resources: [],
    defaultUser: undefined,
  });
}

const given = (docker: Partial<Docker>, more?: Partial<ContainerInfo>, command?: CommandInfo) =>
  outfit(docker, more, command) as Outfit;
const network = (docker: Partial<Docker>, more?: Partial<ContainerInfo>) => given(docker, more).isolation!.network;
const withParameters = (...parameters: [string, string][]) =>
  given({ parameters: parameters.map(([key, value]): Parameter => ({ key, value })) });

test("a container of type DOCKER runs its image, in the agent's network when it names none", () => {
  expect(given({}).isolation).toMatchObject({ image: { name: "nginx", cached: true }, network: { kind: "host" } });
  expect(given({ force_pull_image: true }).isolation!.image!.cached).toBe(false);
});

test("its networks are the bridge, none at all, or those that are named", () => {
  const port_mappings = [{ host_port: 31000, container_port: 80, protocol: "udp" }];
  const portMappings = [{ hostPort: 31000, containerPort: 80, protocol: "udp" }];
  expect(network({ network: "BRIDGE", port_mappings })).toMatchObject({ networks: [{ name: "meseta", portMappings }] });
  expect(network({ network: "NONE" })).toMatchObject({ kind: "own", networks: [] });
  expect(network({ network: "USER", port_mappings }, { network_infos: [{ name: "net" }] })).toMatchObject({
    networks: [{ name: "net", portMappings }],
  });
  expect(isRefusal(outfit({ network: "USER" }))).toBe(true);
});

test.each<[string, CommandInfo, object]>([
  ["a shell's line", { value: "a b" }, { shell: "a b" }],
  ["the entrypoint", { shell: false }, { entrypoint: [] }],
  ["the entrypoint with what is given", { shell: false, value: "a", arguments: ["b"] }, { entrypoint: ["a", "b"] }],
])("its command is %s", (_, command, expected) => {
  expect(given({}, {}, command).spec.command).toEqual(expected);
});

test("another entrypoint is given the command", () => {
  const parameters = [{ key: "entrypoint", value: "/tini" }];
  expect(given({ parameters }, {}, { shell: false, value: "a", arguments: ["b"] }).spec.command).toEqual({
    file: "/tini",
    argv: ["/tini", "a", "b"],
  });
});

test("parameters that mean something here are what they are to Docker", () => {
  const { isolation, environment, spec } = withParameters(
    ["env", "A=b=c"],
    ["e", "B="],
    ["hostname", "web"],
    ["w", "/srv"],
    ["user", "1000:1000"],
    ["read-only", "true"],
    ["ulimit", "nofile=1024:2048"],
    ["ulimit", "core=-1"],
    ["shm-size", "64m"],
    ["device", "/dev/fuse:/dev/fuse:rw"],
    ["volume", "/srv/www:/www:ro"],
    ["tmpfs", "/run:size=4m,mode=755,nodev"],
    ["tmpfs", "/scratch"],
    ["label", "a=b"],
    ["init", "true"],
  );
  expect(environment).toEqual({ A: "b=c", B: "" });
  expect(spec).toMatchObject({
    workingDirectory: "/srv",
    user: "1000:1000",
    rlimits: [{ type: "RLMT_NOFILE", soft: 1024, hard: 2048 }, { type: "RLMT_CORE" }],
  });
  expect(isolation).toMatchObject({
    readOnlyRoot: true,
    ipc: { mode: "own", shmMiB: 64 },
    devices: [{ path: "/dev/fuse", access: "rw" }],
    mounts: [
      { inside: "/www", readOnly: true, kind: "path", host: "/srv/www" },
      { inside: "/run", readOnly: false, kind: "tmpfs", bytes: 4 << 20, mode: 0o755 },
      { inside: "/scratch", readOnly: false, kind: "tmpfs" },
    ],
  });
});

test("capabilities are added to and taken from the usual ones", () => {
  const effective = (...parameters: [string, string][]) =>
    withParameters(...parameters).isolation!.capabilities?.effective;
  expect(effective()).toBeUndefined();
  expect(effective(["cap-add", "CAP_NET_ADMIN"])).toContain("NET_ADMIN");
  expect(effective(["cap-drop", "CHOWN"])).not.toContain("CHOWN");
  expect(effective(["cap-drop", "all"], ["cap-add", "kill"])).toEqual(["KILL"]);
});

test.each<[string, string]>([
  ["memory", "1g"],
  ["constructor", "x"],
  ["env", "A"],
  ["shm-size", "much"],
  ["ulimit", "nofile"],
  ["device", "/etc/passwd"],
  ["volume", "name:/data"],
  ["tmpfs", "scratch"],
  ["tmpfs", "/scratch:size=much"],
  ["tmpfs", "/scratch:dev"],
  ["privileged", "perhaps"],
])("the parameter %s=%s is refused by its name", (key, value) => {
  const refused = outfit({ parameters: [{ key, value }] });
  expect(isRefusal(refused) && refused.message).toContain(`Docker parameter '${key}'`);
});
