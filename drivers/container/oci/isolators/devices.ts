import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";

/** A device node of this machine. */
export interface DeviceNode {
  readonly path: string;
  readonly type: "c" | "b";
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
}

/** `linux.devices`: nodes that the runtime makes beside null, zero, full, random, urandom and tty, which every container has. */
export interface OciDevice {
  readonly path: string;
  readonly type: "c" | "b";
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

// Nodes may be made, so that the runtime can make those below; opening others is refused all the same.
const always = [
  "c *:* m",
  "b *:* m",
  "c 1:3 rwm", // null
  "c 1:5 rwm", // zero
  "c 1:7 rwm", // full
  "c 1:8 rwm", // random
  "c 1:9 rwm", // urandom
  "c 5:0 rwm", // tty
  "c 5:1 rwm", // console
  "c 5:2 rwm", // ptmx
  "c 136:* rwm", // pseudo terminals
];

/** The device nodes that were asked for. They belong to the container's user, who asked for them. */
export function deviceNodes(asked: readonly DeviceNode[], owner: { uid: number; gid: number }): OciDevice[] {
  return asked.map(({ path, type, major, minor, mode }) => ({
    path,
    type,
    major,
    minor,
    fileMode: mode & 0o777,
    ...owner,
  }));
}

/** Lines for devices.allow of cgroup v1, after all was denied. */
export function deviceRules(
  isolation: Pick<Isolation, "privileged" | "devices">,
  asked: readonly DeviceNode[],
): string[] {
  if (isolation.privileged) return ["a *:* rwm"];
  const access = new Map(isolation.devices?.map((one) => [one.path, one.access]));
  return [...always, ...asked.map((one) => `${one.type} ${one.major}:${one.minor} ${access.get(one.path) ?? "rw"}`)];
}
