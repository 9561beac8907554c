import { expect, test } from "vitest";
import type { MasterState } from "../../core/master/state.ts";
import { list, type Shape } from "../../core/master/views/shape.ts";
import { type Kind, NotDurable, Readings, type StateReader } from "./readings.ts";

/** A state of which only the identity and the version matter, and a commit that ends when it is told to. */
class Rehearsed implements StateReader {
  readonly state = { id: "m", version: 1 } as MasterState;
  readonly names = ["a", "b"];
  views = 0;
  #waiting: (() => void)[] | undefined;

  hold(): void {
    this.#waiting = [];
  }

  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const go of waiting) go();
  }

  read<T>(view: (state: MasterState) => T, done: (result: T) => void): void {
    this.views++;
    const result = view(this.state);
    if (this.#waiting === undefined) done(result);
    else this.#waiting.push(() => done(result));
  }

  kind(): Kind {
    const shape: Shape<{ name: string }> = { name: "named", version: "frozen", view: (object) => object };
    const objects = () => this.names.map((name) => ({ name }));
    return {
      name: "names",
      document: () => ({ form: "json", parts: [{ name: "names", lists: list(this.names, objects), shape }] }),
    };
  }
}

async function textOf(reading: Promise<{ buffers: readonly Uint8Array[] }>): Promise<string> {
  return Buffer.concat((await reading).buffers).toString();
}

test("an answer is given again while nothing changes, and made again when something did", async () => {
  const reader = new Rehearsed();
  const readings = new Readings(reader);
  const first = await readings.read(reader.kind());
  expect(await readings.read(reader.kind())).toBe(first);
  reader.state.version++;
  reader.names.push("c");
  const third = await readings.read(reader.kind());
  expect(third.tag).not.toBe(first.tag);
  expect(Buffer.concat(third.buffers).toString()).toBe('{"names":[{"name":"a"},{"name":"b"},{"name":"c"}]}');
});

test("those who ask together share one answer", async () => {
  const reader = new Rehearsed();
  const readings = new Readings(reader);
  const [one, two] = await Promise.all([readings.read(reader.kind()), readings.read(reader.kind())]);
  expect([one === two, reader.views]).toEqual([true, 1]);
});

test("an answer is given only when all that it says is durable, and who asks later gets what is later", async () => {
  const reader = new Rehearsed();
  const readings = new Readings(reader);
  reader.hold();
  const first = readings.read(reader.kind());
  await new Promise((resolve) => setImmediate(resolve));
  reader.state.version++;
  reader.names.push("later");
  reader.release();
  expect(await textOf(first)).not.toContain("later");
  expect(await textOf(readings.read(reader.kind()))).toContain("later");
});

test("the moment of a snapshot is told once, before its answer", async () => {
  const reader = new Rehearsed();
  let moments = 0;
  await new Readings(reader).snapshot(reader.kind(), () => moments++);
  expect(moments).toBe(1);
});

test("what could not be made durable is not told", async () => {
  const reader = new Rehearsed();
  const failing: StateReader = {
    state: reader.state,
    read: (_view, _done, refused) => refused(new Error("disk full")),
  };
  await expect(new Readings(failing).read(reader.kind())).rejects.toThrow(new NotDurable("disk full"));
});
