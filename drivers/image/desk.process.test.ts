import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Desk, type Progress } from "./desk.ts";
import { temporary } from "./image.rig.ts";
import { hear, type Said, say, type Told } from "./line.ts";

/** One pull's end of the line. */
class Pull {
  readonly told: string[] = [];
  readonly #socket: Socket;

  static async open(dir: string, id: string): Promise<Pull> {
    const socket = connect(join(dir, "pull.sock"));
    await once(socket, "connect");
    const pull = new Pull(socket);
    pull.say({ pull: id });
    return pull;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    hear<Told>(socket, (told) => this.told.push("go" in told ? told.go : `yield ${told.yield}`));
  }

  say(message: Said): void {
    say(this.#socket, message);
  }

  /** Resolves when all that was said has been taken. */
  async settled(): Promise<void> {
    const before = this.told.length;
    this.say({ wants: [] });
    await until(() => this.told.length > before && this.told.includes("wants"));
    this.told.splice(this.told.lastIndexOf("wants"), 1);
  }

  async die(rest = ""): Promise<void> {
    this.#socket.end(rest);
    await once(this.#socket, "close");
  }
}

it("one pull at a time gets a blob, in the order in which they asked", async () => {
  using folder = temporary("desk");
  const desk = await Desk.open(folder.path, () => {});
  const [a, b, c] = [
    await Pull.open(folder.path, "a"),
    await Pull.open(folder.path, "b"),
    await Pull.open(folder.path, "c"),
  ];
  for (const pull of [a, b, c]) {
    pull.say({ need: "blob" });
    await pull.settled();
  }
  b.say({ need: "other" });
  await b.settled();
  expect([a.told, b.told, c.told]).toEqual([["blob"], ["other"], []]);
  b.say({ done: "blob" });
  await b.settled();
  expect(c.told).toEqual([]);
  a.say({ done: "blob" });
  await until(() => b.told.includes("blob"));
  expect(c.told).toEqual([]);
  await b.die();
  await until(() => c.told.includes("blob"));
  desk.close();
});

it("what a pull wants is spared until it is told to have ended, even when it is gone", async () => {
  using folder = temporary("desk");
  const desk = await Desk.open(folder.path, () => {});
  const pull = await Pull.open(folder.path, "a");
  pull.say({ wants: ["one", "two"] });
  await until(() => pull.told.includes("wants"));
  await pull.die();
  expect(desk.wanted()).toEqual(new Set(["one", "two"]));
  desk.ended("a");
  expect(desk.wanted()).toEqual(new Set());
  desk.close();
});

it("a pull that dies amid a sentence harms nobody", async () => {
  using folder = temporary("desk");
  const heard: [string, Progress][] = [];
  const desk = await Desk.open(folder.path, (pull, progress) => heard.push([pull, progress]));
  const pull = await Pull.open(folder.path, "a");
  pull.say({ bytes: 1, of: 2 });
  await pull.die('{"bytes":');
  const other = await Pull.open(folder.path, "b");
  await other.settled();
  expect(heard).toEqual([["a", { bytes: 1, of: 2 }]]);
  desk.close();
});

async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setImmediate(resolve));
}

it("whoever keeps others waiting for a whole turn is asked to let them have it, and may ask for it again behind them", async () => {
  using folder = temporary("desk");
  const desk = await Desk.open(folder.path, () => {}, 10);
  const [a, b] = [await Pull.open(folder.path, "a"), await Pull.open(folder.path, "b")];
  a.say({ need: "blob" });
  await a.settled();
  b.say({ need: "blob" });
  await until(() => a.told.includes("yield blob"));
  a.say({ done: "blob" });
  a.say({ need: "blob" });
  await until(() => b.told.includes("yield blob"));
  expect([a.told, b.told]).toEqual([
    ["blob", "yield blob"],
    ["blob", "yield blob"],
  ]);
  desk.close();
});

it("a pull that is killed before it has read what it was told harms nobody", async () => {
  using folder = temporary("desk");
  const desk = await Desk.open(folder.path, () => {});
  const deaf = `socket(S, 1, 1, 0); connect(S, pack('S a*', 1, "pull.sock\\0")) or die; syswrite S, qq({"wants":[]}\\n);
    vec($told, fileno S, 1) = 1; select($told, undef, undef, undef)`;
  const ended = once(spawn("perl", ["-e", deaf], { cwd: folder.path, stdio: "inherit" }), "exit");
  expect((await ended)[0]).toBe(0);
  const pull = await Pull.open(folder.path, "a");
  pull.say({ need: "blob" });
  await pull.settled();
  expect(pull.told).toEqual(["blob"]);
  desk.close();
});
