import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Launcher } from "../launch/launcher.ts";
import { LauncherPrograms } from "../launch/launcher-programs.ts";
import type { Program, Programs } from "../launch/programs.ts";
import { Machine } from "./machine.rig.ts";
import { openNetworks } from "./networks.ts";
import { Relay } from "./relay.ts";

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(async () => {
  await machine.close();
});

test("plugins and the relay run by the launcher, and nothing of them stays", async () => {
  const launcher = await Launcher.open({ dir: machine.folder("launcher"), on: () => {} });
  const programs = inside(new LauncherPrograms(launcher, join(machine.dir, "programs")));
  const shared = { folder: machine.folder("shared"), routes: "" };
  const networks = await openNetworks({ dir: machine.folder("agent"), programs, shared });
  await networks.recover(new Set());
  const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: "tcp" as const }];
  const wish = { name: "meseta", portMappings, labels: {}, addresses: [] };
  await networks.join("a", { kind: "own", group: "a", hostname: "a", networks: [wish] });
  const relay = new Relay({
    dir: machine.folder("relay"),
    programs,
    namespaceOf: (container) => networks.joined(container)?.namespace,
  });
  const server = await machine.serve(networks.joined("a")!.namespace, 80, "launched");
  expect(await text(await relay.dial("a", "127.0.0.1", 80, 0))).toBe("launched");
  expect(await machine.hear("127.0.0.1", 8080)).toBe("launched");
  server.close();
  await networks.leave("a");
  relay.close();
  await programs.idle();
  expect(await machine.remains()).toEqual([]);
  expect(readdirSync(join(machine.dir, "programs"))).toEqual([]);
  await launcher.stop();
});

// What touches links and rules does so in the test's own machine.
function inside(programs: LauncherPrograms): Programs & { idle(): Promise<unknown> } {
  const running = new Set<Promise<unknown>>();
  const run = (program: Program) => {
    const rest = [`--net=${machine.namespace}`, program.file, ...program.arguments];
    const done = programs.run({ ...program, file: "nsenter", arguments: rest });
    running.add(done);
    return done;
  };
  return { run, idle: () => Promise.allSettled(running) };
}
