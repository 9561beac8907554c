import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNetwork } from "./config.ts";
import { conflist, overlaps, routesOf } from "./default-network.ts";
import { hostsText, isHostname, resolvConfFor, resolvText, withoutLoopback } from "./files.ts";
import { inputOf, isCapable } from "./plugins.ts";
import { idFor } from "./record.ts";
import { addressesOf, dnsOf, failureOf } from "./result.ts";
import { countersOf } from "./statistics.ts";

const plain = { name: "n", portMappings: [], labels: {}, addresses: [] };

describe("a network's file", () => {
  test("holds one plugin, or a list", () => {
    expect(parseNetwork('{"name":"n","cniVersion":"0.3.1","type":"bridge","bridge":"b0"}')).toEqual({
      name: "n",
      cniVersion: "0.3.1",
      plugins: [{ name: "n", cniVersion: "0.3.1", type: "bridge", bridge: "b0" }],
    });
    const list = parseNetwork('{"name":"n","plugins":[{"type":"ptp"},{"type":"portmap"}]}');
    expect(list).toMatchObject({ cniVersion: "0.2.0", plugins: [{ type: "ptp" }, { type: "portmap" }] });
  });

  test.each([
    ["{", "it is not JSON"],
    ["[]", "it must be an object"],
    ['{"type":"bridge"}', '"name" must be letters'],
    ['{"name":"../../etc","type":"bridge"}', 'and is "../../etc"'],
    ['{"name":"n","cniVersion":1,"type":"bridge"}', '"cniVersion" must be like'],
    ['{"name":"n","plugins":[]}', "at least one plugin"],
    ['{"name":"n","plugins":[{"type":"bridge"},{}]}', '"type" of plugin 2 must be the name of a file'],
    ['{"name":"n","plugins":[7]}', "plugin 1 must be an object"],
  ])("that is wrong is refused with the reason: %s", (text, reason) => {
    expect(() => parseNetwork(text)).toThrow(reason);
  });

  test.each(["../../../bin/sh", "/bin/sh", "a/b", "..", ".hidden", "", "a\\u0000b"])(
    "names a plugin, never a way out of the folder of plugins: %j",
    (type) => {
      const refused = "must be the name of a file in the folder of plugins";
      expect(() => parseNetwork(`{"name":"n","type":"${type}"}`)).toThrow(refused);
      expect(() => parseNetwork(`{"name":"n","type":"bridge","ipam":{"type":"${type}"}}`)).toThrow(refused);
      expect(() => parseNetwork(`{"name":"n","type":"a","delegate":{"type":"b","ipam":{"type":"${type}"}}}`)).toThrow(
        refused,
      );
    },
  );

  test("may leave its addresses to nobody", () => {
    expect(parseNetwork('{"name":"n","type":"bridge","ipam":{}}').plugins).toHaveLength(1);
  });

  test("never brings the agent down, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          expect(parseNetwork(text).plugins.every(({ type }) => !type.includes("/"))).toBe(true);
        } catch (error) {
          expect((error as Error).message).not.toBe("");
        }
      }),
    );
  });
});

describe("what a plugin reads", () => {
  const config = parseNetwork(
    '{"name":"n","cniVersion":"1.0.0","plugins":[{"type":"bridge","args":{"cni":{"x":1}}},{"type":"portmap","capabilities":{"portMappings":true,"ips":false}}]}',
  );
  const [bridge, portmap] = config.plugins as [(typeof config.plugins)[0], (typeof config.plugins)[0]];
  const mapping = { hostPort: 8080, containerPort: 80, protocol: "tcp" as const };

  test("is its own part of the file, with the list's name and version, and the result before it", () => {
    const input = inputOf(config, bridge, plain, { cniVersion: "1.0.0" });
    expect(input).toMatchObject({
      type: "bridge",
      name: "n",
      cniVersion: "1.0.0",
      prevResult: { cniVersion: "1.0.0" },
    });
    expect(inputOf(config, bridge, plain, undefined)).not.toHaveProperty("prevResult");
  });

  test("has the port mappings and addresses only where the plugin says that it wants them", () => {
    const wish = { ...plain, portMappings: [mapping], addresses: ["10.0.0.5"] };
    expect(inputOf(config, portmap, wish, undefined)).toMatchObject({ runtimeConfig: { portMappings: [mapping] } });
    expect(inputOf(config, bridge, wish, undefined)).not.toHaveProperty("runtimeConfig");
    expect([isCapable(config, "portMappings"), isCapable(config, "ips")]).toEqual([true, false]);
  });

  test("tells labels as Mesos does, beside the arguments of the file", () => {
    expect(inputOf(config, bridge, { ...plain, labels: { team: "a" } }, undefined)).toMatchObject({
      args: {
        cni: { x: 1 },
        "org.apache.mesos": { network_info: { name: "n", labels: { labels: [{ key: "team", value: "a" }] } } },
      },
    });
  });
});

describe("a result", () => {
  test("of version 0.2.0 has one address of each sort", () => {
    const result = { cniVersion: "0.2.0", ip4: { ip: "10.1.0.5/16" }, ip6: { ip: "fd00::5/64" } };
    expect(addressesOf("n", result)).toEqual([
      { network: "n", address: "10.1.0.5", protocol: "IPv4" },
      { network: "n", address: "fd00::5", protocol: "IPv6" },
    ]);
  });

  test("of later versions has the container's addresses among those of the machine's links", () => {
    const interfaces = [{ name: "br0" }, { name: "eth0", sandbox: "/ns" }];
    const ips = [
      { version: "4", address: "10.1.0.1/16", interface: 0 },
      { version: "4", address: "10.1.0.5/16", interface: 1 },
      { address: "10.2.0.5/16" },
    ];
    expect(addressesOf("n", { cniVersion: "0.4.0", interfaces, ips }).map(({ address }) => address)).toEqual([
      "10.1.0.5",
      "10.2.0.5",
    ]);
  });

  test("of any shape is read without harm", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (result) => {
        expect(Array.isArray(addressesOf("n", result))).toBe(true);
        dnsOf(result);
      }),
    );
    expect(dnsOf({ dns: { nameservers: ["10.0.0.2"], search: ["a"] } })).toEqual({
      nameservers: ["10.0.0.2"],
      search: ["a"],
      options: [],
    });
    expect(dnsOf({ dns: {} })).toBeUndefined();
  });

  test("that is an error becomes a sentence, also when the plugin only stammered", () => {
    const failed = (stdout: string, stderr = "") => failureOf({ waitStatus: 256, stdout, stderr });
    expect(failed('{"code":7,"msg":"no addresses left","details":"in 10.0.0.0/30"}')).toBe(
      "no addresses left: in 10.0.0.0/30",
    );
    expect(failed('{"code":7,"msg":"no addresses left"}')).toBe("no addresses left");
    expect(failed("", "panic: oh\n")).toBe("panic: oh");
    expect(failed("")).toContain("said nothing");
  });
});

describe("files of a container", () => {
  test("hosts has loopback and the hostname at each address", () => {
    const two = ["10.0.0.5", "fd00::5"].map((address) => ({ network: "n", address, protocol: "IPv4" as const }));
    expect(hostsText("a.test", two)).toBe(
      "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n10.0.0.5 a.test a\nfd00::5 a.test a\n",
    );
    expect(hostsText("a", [])).toContain("127.0.0.1 a\n");
  });

  test("a hostname has no room for another line", () => {
    for (const good of ["a", "web-1.example.org", "under_score", "x".repeat(64)]) expect(isHostname(good)).toBe(true);
    for (const bad of ["", "a b", "a\n10.0.0.1 bank", "-a", "a.", "ä", "x".repeat(65)])
      expect(isHostname(bad)).toBe(false);
  });

  test("resolv.conf comes from the network, else from the agent's setting for it, else from the machine", () => {
    const named = [{ network: "n", result: { dns: { nameservers: ["10.0.0.2"], domain: "d" } } }];
    const silent = [{ network: "n", result: {} }];
    const settings = [{ dns: { nameservers: ["1.1.1.1"] } }, { network_name: "n", dns: { nameservers: ["2.2.2.2"] } }];
    const machine = ["nameserver 127.0.0.53\nnameserver 9.9.9.9\nsearch x\n", "nameserver 8.8.8.8\n"];
    expect(resolvConfFor(named, settings, machine)).toBe("nameserver 10.0.0.2\ndomain d\n");
    expect(resolvConfFor(silent, settings, machine)).toBe("nameserver 2.2.2.2\n");
    expect(resolvConfFor([{ network: "m" }], settings, machine)).toBe("nameserver 1.1.1.1\n");
    expect(resolvConfFor(silent, [{ ...settings[0]!, network_mode: "HOST" }], machine)).toBe(
      "nameserver 9.9.9.9\nsearch x\n",
    );
    expect(resolvConfFor([], settings, machine)).toBe("nameserver 9.9.9.9\nsearch x\n");
    expect(resolvConfFor([], [], ["nameserver 127.0.0.53\n", "nameserver 8.8.8.8\n"])).toBe("nameserver 8.8.8.8\n");
    expect(resolvConfFor([], [], ["nameserver ::1\nsearch x\n", ""])).toBe("search x\n");
  });

  test("name servers on loopback, and words that would be lines, are left out", () => {
    const kept = ["nameserver 1270::1", "options ndots:2", ""].join("\n");
    expect(withoutLoopback(`nameserver ::1\nnameserver 127.0.0.1\nnameserver 0.0.0.0\n${kept}`)).toBe(kept);
    expect(resolvText({ nameservers: ["1.1.1.1\nnameserver 6.6.6.6"], search: ["a", "b c"] })).toBe("search a\n");
  });
});

describe("the range of the built-in network", () => {
  const routes = routesOf(
    [
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
      "vpn0\t00001EAC\t00000000\t0001\t0\t0\t0\t0000FEFF\t0\t0\t0",
      "",
    ].join("\n"),
  );

  test("is one that no route of the machine touches, but for the default route", () => {
    expect(routes.map(({ link }) => link)).toEqual(["eth0", "vpn0"]);
    expect(routes.some((route) => overlaps("192.0.2.0/28", route))).toBe(true);
    expect(routes.some((route) => overlaps("192.0.0.0/16", route))).toBe(true);
    expect(routes.some((route) => overlaps("172.31.0.0/16", route))).toBe(true);
    expect(routes.some((route) => overlaps("172.29.0.0/16", route))).toBe(false);
  });

  test("stands in a file that any other reader of the specification takes as well", () => {
    const text = JSON.stringify(conflist({ cniVersion: "1.0.0", bridge: "b0", range: "10.0.0.0/24", folder: "/f" }));
    const network = parseNetwork(text);
    expect(network.plugins.map(({ type }) => type)).toEqual(["bridge", "portmap"]);
    expect([isCapable(network, "portMappings"), isCapable(network, "ips")]).toEqual([true, true]);
  });
});

test("plugins know a group by a name that they take and that no other agent has", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/), (group) => {
      expect(idFor("/a", group)).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,120}$/);
      expect(idFor("/a", group)).not.toBe(idFor("/b", group));
    }),
  );
});

test("counters are the sums of all links but loopback", () => {
  const line = (link: string, first: number) =>
    ` ${link}: ${Array.from({ length: 16 }, (_, at) => first + at).join(" ")}`;
  const text = ["Inter-|   Receive", " face |bytes", line("lo", 1000), line("eth0", 10), line("eth1", 100), ""].join(
    "\n",
  );
  expect(countersOf(text)).toEqual({
    net_rx_bytes: 110,
    net_rx_packets: 112,
    net_rx_errors: 114,
    net_rx_dropped: 116,
    net_tx_bytes: 126,
    net_tx_packets: 128,
    net_tx_errors: 130,
    net_tx_dropped: 132,
  });
});
