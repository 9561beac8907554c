import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NetworkWish, PortMapping } from "@meseta/kernel/core/agent/isolation.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Programs } from "../launch/programs.ts";
import { Machine, MortalPrograms } from "./machine.rig.ts";
import { type CniNetworks, type NetworksOptions, openNetworks } from "./networks.ts";
import { networkStatistics } from "./statistics.ts";

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

describe("the machine", () => {
  test("keeps its own loopback to itself, though the plugin of port mappings opens it to the bridge", async () => {
    const networks = await builtIn();
    const { namespace } = await networks.join("a", own("a", [mapped(8080, 80)]));
    await serve(machine.namespace, 5050, "the agent's own", "127.0.0.1");
    await machine.shell(
      `ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via 172.30.0.1
      for one in all eth0; do echo 1 > /proc/sys/net/ipv4/conf/$one/route_localnet; done`,
      namespace,
    );
    await expect(machine.hear("127.0.0.1", 5050, namespace)).rejects.toThrow(/No route to host/);
    // The weak set-up, which shows that the attempt is one.
    await machine.shell("iptables -F INPUT");
    expect(await machine.hear("127.0.0.1", 5050, namespace)).toBe("the agent's own");
  });

  test("is given back rules that somebody flushed with the next container", async () => {
    const networks = await builtIn();
    await networks.join("a", own("a", [wish("meseta")]));
    await machine.shell("iptables -F");
    await networks.join("b", own("b", [wish("meseta")]));
    expect(await machine.shell("iptables -S")).toContain("-A FORWARD -j MESETA-meseta0");
  });

  test("is as it was before, also where it had forwarding and port mappings of its own", async () => {
    await machine.shell("echo 1 > /proc/sys/net/ipv4/ip_forward; iptables -t nat -N CNI-HOSTPORT-DNAT");
    const networks = await builtIn();
    await networks.join("a", own("a", [mapped(8080, 80)]));
    await networks.leave("a");
    expect(await machine.shell("cat /proc/sys/net/ipv4/ip_forward; iptables -t nat -S")).toMatch(
      /^1\n.*CNI-HOSTPORT-DNAT/s,
    );
  });
});

describe("several agents of one machine", () => {
  test("share the bridge and its addresses; it goes with the last container of any", async () => {
    const [one, two] = [await builtIn(), await builtIn({ dir: machine.folder("other agent") })];
    const a = await one.join("same", own("same", [wish("meseta")]));
    const b = await two.join("same", own("same", [wish("meseta")]));
    expect([a, b].map(({ addresses }) => addresses[0]?.address)).toEqual(["172.30.0.2", "172.30.0.3"]);
    await serve(a.namespace, 80, "neighbour");
    expect(await machine.hear("172.30.0.2", 80, b.namespace)).toBe("neighbour");
    await one.leave("same");
    expect(await machine.shell("ip -o link")).toContain("meseta0");
    await two.leave("same");
    expect(await machine.remains()).toEqual([]);
  });

  test("clear away what one left whose folder was removed", async () => {
    const gone = await builtIn({ dir: machine.folder("gone") });
    const { namespace } = await gone.join("a", own("a", [mapped(8080, 80)]));
    await machine.shell(`umount ${namespace}; rm -r ${join(machine.dir, "gone")}`);
    const other = await builtIn();
    const mine = await other.join("a", own("a", [wish("meseta")]));
    await other.sweep();
    await serve(mine.namespace, 80, "not that one");
    expect(await machine.hear(mine.addresses[0]!.address, 80)).toBe("not that one");
    await expect(machine.hear("127.0.0.1", 8080)).rejects.toThrow("Connection refused");
    await other.leave("a");
    // The kernel takes its time over a namespace without a last process.
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 60_000 });
  });

  test("may do so all at once", async () => {
    const agents = await Promise.all([1, 2].map((at) => builtIn({ dir: machine.folder(`agent${at}`) })));
    const names = ["a", "b", "c", "d", "e"];
    const joins = agents.flatMap((agent, of) =>
      names.map((name, at) => agent.join(name, own(name, [mapped(8000 + 10 * of + at, 80)]))),
    );
    const addresses = (await Promise.all(joins)).map((joined) => joined.addresses[0]?.address);
    expect(new Set(addresses).size).toBe(10);
    await Promise.all(agents.flatMap((agent) => names.map((name) => agent.leave(name))));
    expect(await machine.remains()).toEqual([]);
  });
});

describe("a group", () => {
  test("is joined by several containers, and goes with the last", async () => {
    const networks = await operators({ "10-back.conf": back });
    const first = await networks.join("a", own("pod", [wish("back")]));
    const second = await networks.join("b", own("pod", [wish("back")]));
    expect(second).toEqual(first);
    expect(await networks.join("a", own("pod", [wish("back")]))).toEqual(first);
    expect(networks.joined("b")).toEqual(first);
    await networks.leave("a");
    expect([networks.joined("a"), networks.joined("b")]).toEqual([undefined, first]);
    expect(await machine.shell("ip -o addr show eth0", first.namespace)).toContain("10.9.0.2/24");
    await networks.leave("b");
    expect(await left()).toEqual([]);
  });

  test("has several networks, each with its own link, in their order", async () => {
    const networks = await operators({ "10-back.conf": back, "20-front.conflist": front });
    const joined = await networks.join("a", own("a", [wish("front", { addresses: ["10.8.0.77"] }), wish("back")]));
    expect(joined.addresses).toEqual([
      { network: "front", address: "10.8.0.77", protocol: "IPv4" },
      { network: "back", address: "10.9.0.2", protocol: "IPv4" },
    ]);
    expect(await machine.shell("ip -o -4 addr", joined.namespace)).toMatch(
      /lo .*127.0.0.1.*eth0 .*10.8.0.77.*eth1 .*10.9.0.2/s,
    );
    expect(readFileSync(joined.hosts, "utf8")).toContain("10.8.0.77 a.test a\n10.9.0.2 a.test a\n");
    expect(readFileSync(joined.hostname, "utf8")).toBe("a.test\n");
    expect(readFileSync(joined.resolvConf, "utf8")).toBe("nameserver 10.8.0.53\nsearch front.test\n");
    await networks.leave("a");
    expect(await left()).toEqual([]);
  });

  test("goes though a mount namespace of another container still has its mount", async () => {
    const networks = await operators({ "10-back.conf": back });
    const { namespace } = await networks.join("a", own("a", [wish("back")]));
    const other = spawn("unshare", ["-m", "sh", "-c", "echo ready; exec sleep 600"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    servers.push({ close: () => other.kill("SIGKILL") });
    await once(other.stdout, "data");
    await networks.leave("a");
    expect(existsSync(namespace)).toBe(false);
    expect(await left()).toEqual([]);
  });

  test("without any network has loopback and nothing else", async () => {
    const networks = await operators({});
    const { namespace, addresses } = await networks.join("a", own("a", []));
    expect(addresses).toEqual([]);
    await serve(namespace, 80, "to myself");
    expect(await machine.hear("127.0.0.1", 80, namespace)).toBe("to myself");
    expect((await machine.shell("ip -o link", namespace)).trim().split("\n")).toHaveLength(1);
    await networks.leave("a");
    expect(await left()).toEqual([]);
  });
});

describe("a join that cannot be", () => {
  test("says which networks there are", async () => {
    const networks = await operators({ "10-back.conf": back, "20-front.conflist": front });
    expect(networks.names()).toEqual(["back", "front"]);
    await expect(networks.join("a", own("a", [wish("middle")]))).rejects.toThrow(
      'there is no network "middle" on this agent, which has back, front',
    );
    await expect(networks.join("a", own("a", [wish("back", { portMappings: [port(1, 1)] })]))).rejects.toThrow(
      "maps no ports",
    );
    expect(await left()).toEqual([]);
  });

  test("undoes what was added before, and tells the plugin's reason", async () => {
    const networks = await operators({ "10-back.conf": back, "20-front.conflist": front });
    const wishes = [wish("back"), wish("front", { addresses: ["10.77.0.1"] })];
    await expect(networks.join("a", own("a", wishes))).rejects.toThrow(
      /network "front": plugin bridge failed: .*10\.77\.0\.1/,
    );
    expect(networks.joined("a")).toBeUndefined();
    expect(await left()).toEqual([]);
  });

  test("names the plugin that is not there", async () => {
    const networks = await operators({ "a.conf": { name: "gone", type: "no-such-plugin" } });
    await expect(networks.join("a", own("a", [wish("gone")]))).rejects.toThrow("no-such-plugin");
  });
});

test("a file for Mesos' own port mapper works with the common plugins", async () => {
  const delegate = {
    type: "bridge",
    bridge: "back0",
    isGateway: true,
    ipam: { type: "host-local", subnet: "10.9.0.0/24" },
  };
  const networks = await operators({
    "mesos.json": { name: "old", type: "mesos-cni-port-mapper", chain: "X", delegate },
  });
  const { namespace } = await networks.join("a", own("a", [wish("old", { portMappings: [port(8080, 80)] })]));
  await serve(namespace, 80, "as ever");
  expect(await machine.hear("127.0.0.1", 8080)).toBe("as ever");
  await networks.leave("a");
});

describe("network files", () => {
  test("are read anew when they change; a bad one is named once and stops no other", async () => {
    const told: string[] = [];
    const networks = await operators({ "10-back.conf": back, "bad.conf": { name: "bad", type: "../x" } }, (text) =>
      told.push(text),
    );
    expect([networks.names(), networks.names()]).toEqual([["back"], ["back"]]);
    expect(told).toEqual([expect.stringMatching(/bad\.conf is not used: "type" of it must be the name of a file/)]);
    writeFileSync(join(configDir(), "bad.conf"), JSON.stringify({ name: "good", type: "ptp" }));
    writeFileSync(join(configDir(), "more.json"), JSON.stringify({ name: "back", type: "ptp" }));
    expect(networks.names()).toEqual(["back", "good"]);
    expect(told[1]).toContain('more.json is not used: network "back" is in a file before it');
    rmSync(join(configDir(), "10-back.conf"));
    expect(networks.names()).toEqual(["back", "good"]);
  });

  test("may be gone when a container leaves: what was added is undone as it was added", async () => {
    const networks = await operators({ "10-back.conf": back });
    await networks.join("a", own("a", [wish("back")]));
    rmSync(join(configDir(), "10-back.conf"));
    await networks.leave("a");
    expect(await left()).toEqual([]);
  });
});

test("a removal that fails is tried again by each sweep, and told once", async () => {
  const told: string[] = [];
  const networks = await operators({ "10-back.conf": back }, (text) => told.push(text));
  await networks.join("a", own("a", [wish("back")]));
  machine.programs.refuse = (program) => program.environment?.["CNI_COMMAND"] === "DEL";
  await networks.leave("a");
  await networks.sweep();
  expect(told).toEqual([expect.stringContaining("networks of a: ")]);
  machine.programs.refuse = () => false;
  await networks.sweep();
  expect(await left()).toEqual([]);
});

describe("an agent that is killed", () => {
  // Eight programs: `recover` looks after the bridge, then a namespace, two plugins; the same backwards, and the bridge again.
  const story = async (programs: Programs) => {
    const networks = await builtIn({ programs });
    await networks.join("a", own("a", [mapped(8080, 80)]));
    await networks.leave("a");
  };

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "at step %i leaves nothing that its next life does not take away",
    async (step) => {
      await builtIn();
      for (const when of ["before", "amid", "after"] as const) {
        const programs = new MortalPrograms(machine.programs, step, when);
        await Promise.race([story(programs), programs.death]);
        await builtIn();
        expect([when, ...(await left())]).toEqual([when]);
        await story(machine.programs);
        expect([when, ...(await left())]).toEqual([when]);
      }
    },
  );

  test("finds the networks of the containers that run on", async () => {
    const before = await (await builtIn()).join("a", own("a", [mapped(8080, 80)]));
    await (await openNetworks(builtInOptions())).join("b", own("b", [wish("meseta")]));
    const networks = await openNetworks(builtInOptions());
    await networks.recover(new Set(["a"]));
    expect([networks.joined("a"), networks.joined("b")]).toEqual([before, undefined]);
    await serve(before.namespace, 80, "still here");
    expect(await machine.hear("127.0.0.1", 8080)).toBe("still here");
    await networks.leave("a");
    expect(await left()).toEqual([]);
  });

  test("in the middle of writing leaves half a record, and its namespace goes all the same", async () => {
    const networks = await operators({ "10-back.conf": back });
    const { namespace } = await networks.join("a", own("a", []));
    writeFileSync(join(namespace, "..", "record.json"), '{"version":1,"gro');
    const next = await operators({ "10-back.conf": back });
    await next.recover(new Set(["a"]));
    expect(next.joined("a")).toBeUndefined();
    expect(await left()).toEqual([]);
  });

  test("together with its machine frees the addresses that the disk still has", async () => {
    const networks = await operators({ "10-back.conf": back });
    const { namespace } = await networks.join("a", own("a", [wish("back")]));
    // What a reboot takes: the mounts, and the links.
    await machine.shell(`umount ${namespace}; ip link del back0`);
    await (await operators({ "10-back.conf": back })).recover(new Set());
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 60_000 });
  });
});

test("counters of a container are read by any of its processes", async () => {
  const networks = await operators({ "10-back.conf": back });
  const { namespace } = await networks.join("a", own("a", [wish("back")]));
  const server = await machine.serve(namespace, 80, "x".repeat(5000));
  servers.push(server);
  const before = await networkStatistics(server.pid);
  await machine.hear("10.9.0.2", 80);
  const after = await networkStatistics(server.pid);
  expect(after!.net_tx_bytes - before!.net_tx_bytes).toBeGreaterThan(5000);
  expect(after!.net_rx_packets).toBeGreaterThan(before!.net_rx_packets);
  expect(await networkStatistics(2 ** 22 + 1)).toBeUndefined();
});

// Two networks of an operator. Bridges of these plugins stay by design, so they are not asked whether they are gone.
const back = {
  cniVersion: "0.3.1",
  name: "back",
  type: "bridge",
  bridge: "back0",
  ipam: { type: "host-local", subnet: "10.9.0.0/24" },
  isGateway: true,
};
const front = {
  cniVersion: "1.0.0",
  name: "front",
  plugins: [
    {
      type: "bridge",
      bridge: "front0",
      ipMasq: true,
      isGateway: true,
      capabilities: { ips: true },
      dns: { nameservers: ["10.8.0.53"], search: ["front.test"] },
      ipam: { type: "host-local", ranges: [[{ subnet: "10.8.0.0/24" }]] },
    },
    { type: "tuning", sysctl: { "net.ipv4.conf.all.log_martians": "1" } },
  ],
};

const configDir = () => join(machine.dir, "config");

async function operators(files: Record<string, object>, log?: (text: string) => void): Promise<CniNetworks> {
  machine.folder("config");
  for (const [name, content] of Object.entries(files)) {
    const text = JSON.stringify(content).replaceAll('"host-local"', `"host-local","dataDir":"${leases()}"`);
    writeFileSync(join(configDir(), name), text);
  }
  const networks = await openNetworks({
    dir: machine.folder("agent"),
    configDir: configDir(),
    programs: machine.programs,
    log,
  });
  return networks;
}

const leases = () => join(machine.dir, "leases");

// All that stays of groups: in the machine, in the agent's folder, and addresses that are given away.
async function left(): Promise<string[]> {
  const kept = existsSync(leases()) ? leases() : join(machine.dir, "shared", "leases");
  const given = existsSync(kept)
    ? (readdirSync(kept, { recursive: true }) as string[]).filter((one) => /\/[\d.]+$/.test(one))
    : [];
  const here = (await remains()).filter(
    (one) => !/: (back0|front0):|^ip_forward$/.test(one) || !existsSync(configDir()),
  );
  return [...here, ...given, ...readdirSync(join(machine.dir, "agent"))];
}

async function builtIn(more: Partial<NetworksOptions> = {}): Promise<CniNetworks> {
  const networks = await openNetworks({ ...builtInOptions(), ...more });
  await networks.recover(new Set());
  return networks;
}

function builtInOptions(): NetworksOptions {
  const shared = { folder: machine.folder("shared"), routes: "" };
  return { dir: machine.folder("agent"), programs: machine.programs, shared };
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
  return wish("meseta", { portMappings: [port(hostPort, containerPort)] });
}

function port(hostPort: number, containerPort: number): PortMapping {
  return { hostPort, containerPort, protocol: "tcp" };
}
