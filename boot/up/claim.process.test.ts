import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, Socket } from "node:net";
import { join } from "node:path";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { expect, it } from "vitest";
import { choosePorts, holderOf } from "./addresses.ts";
import { Claim, reach } from "./claim.ts";

const root = testFolder("up");

it("a second owner of a directory gets a connection to the first, and hears what it announces", async () => {
  const stops: boolean[] = [];
  const first = (await Claim.take(root, (wipe) => stops.push(wipe))) as Claim;
  const second = (await Claim.take(root, () => {})) as Socket;
  expect(second).toBeInstanceOf(Socket);
  first.announce({ event: "ready", master: "here" });
  const [line] = await once(second, "data");
  expect(JSON.parse(line.toString())).toEqual({ event: "ready", master: "here" });
  second.write("stop\n");
  await expect.poll(() => stops).toEqual([false]);
  first.release();
  await once(second, "close");
  expect(await reach(root)).toBeUndefined();
});

it("the socket that a killed owner left behind is no obstacle", async () => {
  const script = `require("net").createServer().listen(${JSON.stringify(join(root, "up.sock"))}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
  const claim = (await Claim.take(root, () => {})) as Claim;
  expect(claim).toBeInstanceOf(Claim);
  claim.release();
});

it("ports are chosen around those that are taken, kept, and missed by name when somebody else has them", async () => {
  const other = createServer();
  const busy = await freePort();
  await new Promise<void>((resolve) => other.listen({ host: "127.0.0.1", port: busy }, resolve));
  const wishes = [
    { part: "master", port: busy },
    { part: "agent-1", port: busy },
  ];
  const first = await choosePorts(root, "127.0.0.1", wishes);
  expect(first["master"]).toBeGreaterThan(busy);
  expect(first["agent-1"]).toBeGreaterThan(first["master"]!);
  expect(await choosePorts(root, "127.0.0.1", wishes)).toEqual(first);
  const thief = createServer();
  await new Promise<void>((resolve) => thief.listen({ host: "127.0.0.1", port: first["master"]! }, resolve));
  await expect(choosePorts(root, "127.0.0.1", wishes)).rejects.toThrow(/port \d+ is taken/);
  expect(holderOf(first["master"]!)).toContain(`pid ${process.pid} (`);
  other.close();
  thief.close();
});
