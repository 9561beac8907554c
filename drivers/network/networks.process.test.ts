import { join } from "node:path";
import type { NetworkWish } from "@meseta/kernel/core/agent/isolation.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.rig.ts";
import { type CniNetworks, type NetworksOptions, openNetworks } from "./networks.ts";

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await machine.close();
});
const servers: { close(): void }[] = [];

describe("the built-in network", () => {
  test("maps a port that is reached from the machine's loopback, from another machine and from the container itself", async () => {
    const networks = await builtIn();
    const { namespace, addresses } = await networks.join("a", own("a", [mapped(8080, 80)]));
    await serve(namespace, 80, "hello from a");
    await outside();
    expect(await machine.hear("127.0.0.1", 8080)).toBe("hello from a");
    expect(await machine.hear("192.0.2.1", 8080, outsideNamespace())).toBe("hello from a");
    expect(await machine.hear("172.30.0.1", 8080, namespace)).toBe("hello from a");
    expect(addresses).toEqual([{ network: "meseta", address: "172.30.0.2", protocol: "IPv4" }]);
    await networks.leave("a");
    expect(await remains()).toEqual([]);
  });

  test("lets nobody outside in but to mapped ports, and containers out", async () => {
    const networks = await builtIn();
    const { namespace } = await networks.join("a", own("a", [mapped(8080, 80)]));
    await serve(namespace, 80, "mapped");
    await serve(namespace, 81, "not mapped");
    await outside();
    await serve(outsideNamespace(), 90, "the world");
    await machine.shell("ip route add 172.30.0.0/16 via 192.0.2.1", outsideNamespace());
    await expect(machine.hear("172.30.0.2", 81, outsideNamespace())).rejects.toThrow(/No route to host|prohibited/i);
    expect(await machine.hear("192.0.2.2", 90, namespace)).toBe("the world");
  });
});

async function builtIn(more: Partial<NetworksOptions> = {}): Promise<CniNetworks> {
  const networks = await openNetworks({
    dir: machine.folder("agent"),
    programs: machine.programs,
    shared: { folder: machine.folder("shared"), routes: "" },
    ...more,
  });
  await networks.recover(new Set());
  return networks;
}

const outsideNamespace = () => join(machine.dir, "outside");

// A second machine at 192.0.2.2, wired to the first at 192.0.2.1.
async function outside(): Promise<void> {
  await machine.another("outside");
  await machine.shell(`ip link add wire0 type veth peer name wire1
    ip link set wire1 netns ${outsideNamespace()}
    ip addr add 192.0.2.1/24 dev wire0; ip link set wire0 up`);
  await machine.shell("ip addr add 192.0.2.2/24 dev wire1; ip link set wire1 up", outsideNamespace());
}

async function serve(namespace: string, port: number, text: string, address?: string): Promise<void> {
  servers.push(await machine.serve(namespace, port, text, address));
}

// The wire to the other machine is the test's own.
async function remains(): Promise<string[]> {
  return (await machine.remains()).filter((one) => !one.includes("wire0") && !one.includes("/outside "));
}

function own(group: string, networks: NetworkWish[]) {
  return { kind: "own" as const, group, hostname: `${group}.test`, networks };
}

function wish(name: string, more: Partial<NetworkWish> = {}): NetworkWish {
  return { name, portMappings: [], labels: {}, addresses: [], ...more };
}

function mapped(hostPort: number, containerPort: number): NetworkWish {
  return wish("meseta", { portMappings: [{ hostPort, containerPort, protocol: "tcp" }] });
}
