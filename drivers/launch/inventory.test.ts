import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Launcher } from "./launcher.ts";
import { line } from "./protocol.ts";

const exit = line("exit", 1, "a", 7, 70, "lost", 0, 0, "launcher died");

/** A launcher in whose view "a" is starting when it is asked first, and ends before it is asked again: it tells so at once, and answers with it. */
function tellsTwice(socket: Socket): void {
  let asked = 0;
  socket.on("data", (bytes) => {
    for (const one of bytes.toString().split("\n")) {
      if (!one.startsWith("ping")) continue;
      const first = ++asked === 1;
      const known = first ? line("task", "a", 0, 0) + line("listed", 1) : exit + line("listed", 0);
      socket.write(`${line("hello", 1, "boot", 5)}${known}${line("pong", "inventory")}${first ? exit : ""}`);
    }
  });
}

test("an exit of which an agent hears twice while it attaches is one", async () => {
  const dir = mkdtempSync(join(tmpdir(), "meseta-inventory-"));
  const server = createServer(tellsTwice).listen(join(dir, "launcher.sock"));
  const told: string[] = [];
  const launcher = await Launcher.open({ dir, on: ({ type }) => told.push(type) });
  expect(launcher.found).toMatchObject({ tasks: [], exits: [{ id: "a", number: 1, waitStatus: "lost" }] });
  expect(told).toEqual([]);
  launcher.close();
  server.close();
  rmSync(dir, { recursive: true });
});
