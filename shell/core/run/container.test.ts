import type { ContainerInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { take } from "@meseta/sdk/core/take.ts";
import { expect, test } from "vitest";
import { type ContainerOptions, containerOf, imageCommand } from "./container.ts";
import { taskOf, type Wish } from "./wish.ts";

const NONE: ContainerOptions = {
  image: undefined,
  pull: false,
  credentials: undefined,
  volumes: [],
  networks: [],
  publish: [],
  privileged: false,
  capAdd: [],
  capDrop: [],
  workdir: undefined,
  entrypoint: undefined,
  shmMiB: undefined,
  readOnly: false,
  window: undefined,
};
const asked = (options: Partial<ContainerOptions>) => containerOf({ ...NONE, ...options });
const problem = (options: Partial<ContainerOptions>): string => {
  try {
    asked(options);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("who asks for nothing gets a plain process", () => {
  expect(asked({})).toEqual({ container: undefined, publish: [] });
  expect(asked({ networks: ["host"] }).container).toBeUndefined();
});

test("an image with volumes, networks, a terminal and credentials is of type MESOS", () => {
  const options = { volumes: ["/a:/b:ro", "c:/d"], networks: ["blue"], credentials: "e30=", shmMiB: 64, pull: true };
  expect(asked({ image: "debian:12", window: { rows: 2, columns: 3 }, ...options }).container).toEqual({
    type: "MESOS",
    mesos: {
      image: {
        type: "DOCKER",
        docker: { name: "debian:12", config: { type: "VALUE", value: { data: "e30=" } } },
        cached: false,
      },
    },
    volumes: [
      { mode: "RO", container_path: "/b", host_path: "/a" },
      { mode: "RW", container_path: "/d", host_path: "c" },
    ],
    network_infos: [{ name: "blue" }],
    linux_info: { ipc_mode: "PRIVATE", shm_size: 64 },
    tty_info: { window_size: { rows: 2, columns: 3 } },
  } satisfies ContainerInfo);
});

test("what only Docker has words for makes a container of type DOCKER", () => {
  const options = { privileged: true, capAdd: ["NET_ADMIN"], capDrop: ["ALL"], workdir: "/w", entrypoint: "/e" };
  expect(asked({ image: "x", readOnly: true, networks: ["none"], ...options }).container).toEqual({
    type: "DOCKER",
    docker: {
      image: "x",
      network: "NONE",
      privileged: true,
      parameters: [
        { key: "cap-add", value: "NET_ADMIN" },
        { key: "cap-drop", value: "ALL" },
        { key: "workdir", value: "/w" },
        { key: "entrypoint", value: "/e" },
        { key: "read-only", value: "true" },
      ],
    },
  } satisfies ContainerInfo);
});

test("words that are wrong or do not go together are refused", () => {
  expect(problem({ volumes: ["/a"] })).toContain("--volume /a");
  expect(problem({ volumes: ["/a:/b:rx"] })).toContain("--volume");
  expect(problem({ image: "x", publish: ["70000:80"] })).toContain("--publish");
  expect(problem({ image: "x", publish: ["80/sctp"] })).toContain("--publish");
  expect(problem({ publish: ["80"] })).toBe("--publish needs a network");
  expect(problem({ capAdd: ["X"] })).toBe("--cap-add needs an image");
  expect(problem({ image: "x", workdir: "/", credentials: "" })).toContain("do not go together");
  expect(problem({ image: "x", networks: ["none", "blue"] })).toContain("stands alone");
});

test("an image's entrypoint is given the words, or runs as the image says; a shell's line is run by a shell", () => {
  expect(imageCommand([], [], undefined)).toEqual({ shell: false });
  expect(imageCommand(["cat", "a b"], [], "u")).toEqual({ shell: false, arguments: ["cat", "a b"], user: "u" });
  expect(imageCommand(["date"], [], undefined)).toEqual({ shell: false, arguments: ["date"] });
  expect(imageCommand(["echo $X"], [["X", "1"]], undefined)).toEqual({
    shell: true,
    value: "echo $X",
    environment: { variables: [{ name: "X", value: "1" }] },
  });
});

const offered: Resource[] = [
  { name: "cpus", type: "SCALAR", scalar: { value: 4 } },
  { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31000, end: 31009 }] } },
];

function launched(options: Partial<ContainerOptions>, ports: number) {
  const { container, publish } = asked(options);
  const named = publish.flatMap(({ hostPort }) => hostPort ?? []);
  const each = { scalars: { cpus: 1 }, ports: ports + publish.length - named.length, namedPorts: named };
  const wish: Wish = {
    name: "n",
    user: "u",
    role: "*",
    taskIds: ["n.a"],
    each,
    command: { shell: false },
    container,
    publish,
  };
  const taken = take(offered, each);
  return taken && taskOf(wish, 0, "S0", taken);
}

test("ports that are published are among the resources, in the container's network, and told to it", () => {
  const task = launched({ image: "x", publish: ["31002:80", "53/udp"] }, 1)!;
  expect(task.resources![1]!.ranges).toEqual({
    range: [
      { begin: 31000, end: 31001 },
      { begin: 31002, end: 31002 },
    ],
  });
  expect(task.container!.docker).toMatchObject({
    network: "BRIDGE",
    port_mappings: [
      { host_port: 31002, container_port: 80, protocol: "tcp" },
      { host_port: 31000, container_port: 53, protocol: "udp" },
    ],
  });
  expect(task.command!.environment!.variables).toEqual([
    { name: "PORT0", value: "31001" },
    { name: "PORT_80", value: "31002" },
    { name: "PORT_53", value: "31000" },
  ]);
  const inNetwork = launched({ image: "x", networks: ["blue"], publish: ["80"] }, 0)!;
  expect(inNetwork.container!.network_infos).toEqual([
    { name: "blue", port_mappings: [{ host_port: 31000, container_port: 80, protocol: "tcp" }] },
  ]);
});

test("a port that is not offered is no port", () => {
  expect(launched({ image: "x", publish: ["8080:80"] }, 0)).toBeUndefined();
});
