import { existsSync, rmSync, statSync } from "node:fs";
import { get } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Machine, SpawnedPrograms } from "./machine.rig.ts";
import { Relay, type RelayOptions } from "./relay.ts";

let machine: Machine;
let programs: SpawnedPrograms;
const open: { close(): void }[] = [];
beforeEach(async () => {
  machine = await Machine.make();
  programs = new SpawnedPrograms();
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await machine.close();
});

describe("the relay", () => {
  test("reaches a server that listens on loopback inside a namespace alone", async () => {
    open.push(await machine.serve(machine.namespace, 4000, "inside", "127.0.0.1"));
    expect(await text(await relay().dial("a", "127.0.0.1", 4000, 0))).toBe("inside");
    expect(await text(await relay().dial("a", "localhost", 4000, 0))).toBe("inside");
  });

  test("tells why a port is not reached", async () => {
    await expect(relay().dial("a", "127.0.0.1", 4001, 0)).rejects.toThrow("Connection refused");
    await expect(relay().dial("a", "not.an.address", 1, 0)).rejects.toThrow("not.an.address is not an address");
    await expect(relay({ namespaceOf: () => "/nowhere" }).dial("a", "127.0.0.1", 1, 0)).rejects.toThrow(
      "no socket in /nowhere: No such file",
    );
  });

  test("carries any number of bytes both ways, and the end of each side on its own", async () => {
    open.push(await machine.echo(machine.namespace, 4000));
    const one = relay();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => one.dial("a", "127.0.0.1", 4000, 0)));
    const bytes = "0123456789abcdef".repeat(20_000);
    const heard = sockets.map((socket) => text(socket.end(bytes)));
    for (const all of heard) expect((await all) === bytes).toBe(true);
    expect(programs.ran).toHaveLength(1);
  });

  test("speaks HTTP for whom asks", async () => {
    open.push(await machine.web(machine.namespace, 4000, "HTTP/1.0 204 Fine\\r\\n\\r\\n"));
    const socket = await relay().dial("a", "127.0.0.1", 4000, 0);
    const status = await new Promise((resolve) =>
      get({ createConnection: () => socket, path: "/" }, (answer) => resolve(answer.statusCode)),
    );
    expect(status).toBe(204);
  });

  test("is started again when it died", async () => {
    open.push(await machine.serve(machine.namespace, 4000, "inside"));
    const one = relay();
    await text(await one.dial("a", "127.0.0.1", 4000, 0));
    for (const child of programs.children.values()) child.kill("SIGKILL");
    expect(await text(await one.dial("a", "127.0.0.1", 4000, 0))).toBe("inside");
  });

  test("ends by itself when nobody came for a while, and with its folder", async () => {
    const one = relay({ idleSeconds: 1 });
    await one.dial("a", "127.0.0.1", 9, 0).catch(() => {});
    await programs.idle();
    expect(existsSync(join(dir(), "relay.sock"))).toBe(false);
    await relay()
      .dial("a", "127.0.0.1", 9, 0)
      .catch(() => {});
    rmSync(dir(), { recursive: true });
    await programs.idle();
  });

  test("is for its owner alone, and only one serves a folder", async () => {
    await Promise.all(
      [1, 2, 3].map(() =>
        relay()
          .dial("a", "127.0.0.1", 9, 0)
          .catch(() => {}),
      ),
    );
    expect(statSync(join(dir(), "relay.sock")).mode & 0o777).toBe(0o600);
    await vi.waitFor(() => expect(programs.children.size).toBe(1), { timeout: 60_000 });
  });

  test("is not asked for a container with the agent's own network", async () => {
    await expect(relay({ namespaceOf: () => undefined }).dial("a", "127.0.0.1", 9, 0)).rejects.toThrow("ECONNREFUSED");
    expect(programs.ran).toHaveLength(0);
  });

  test("that cannot start is told as the reason", async () => {
    const broken = relay({ perl: "/nowhere/perl" });
    await expect(broken.dial("a", "127.0.0.1", 9, 1000)).rejects.toThrow("does not run: spawn /nowhere/perl ENOENT");
  });

  test("refuses what is no request, and goes on", async () => {
    const one = relay();
    await one.dial("a", "127.0.0.1", 9, 0).catch(() => {});
    for (const line of ["\n", "hello\n", "/ns 127.0.0.1 99999\n", "relative 127.0.0.1 1\n", "x".repeat(10_000)]) {
      const socket = connect(join(dir(), "relay.sock")).on("error", () => {});
      socket.write(line);
      expect(await text(socket)).toMatch(/^failed /);
    }
    expect(programs.ran).toHaveLength(1);
  });

  test("lets go of a connection that takes too long", async () => {
    // Nobody answers at an address behind a link that leads nowhere.
    await machine.shell(
      "ip link add w0 type veth peer name w1; ip link set w1 up; ip addr add 10.0.0.1/24 dev w0; ip link set w0 up",
    );
    await expect(relay().dial("a", "10.0.0.9", 9, 100)).rejects.toThrow("timeout");
  });
});

const dir = () => join(machine.dir, "relay");

function relay(more: Partial<RelayOptions> = {}): Relay {
  const made = new Relay({ dir: dir(), programs, namespaceOf: () => machine.namespace, ...more });
  open.push(made);
  return made;
}
