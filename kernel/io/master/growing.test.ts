import { expect, test } from "vitest";
import type { Shape } from "../../core/master/views/shape.ts";
import { Gathering } from "./gathering.ts";
import { Growing } from "./growing.ts";
import { Readings, type StateReader } from "./readings.ts";

async function textOf(buffers: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const buffer of buffers) found.push(buffer);
  return Buffer.concat(found).toString();
}

/** Some that is finished, as the collector's first block is when the next one is begun. */
function gather(gathering: Gathering, letter: string): void {
  gathering.copy(Buffer.from(letter.repeat(65 * 1024)));
}

test("each reader gets all from the beginning, whenever it comes, and waits for what is not made yet", async () => {
  const gathering = new Gathering();
  const growing = new Growing("tag", gathering);
  const early = textOf(growing.buffers);
  gather(gathering, "a");
  growing.grow();
  await new Promise((resolve) => setImmediate(resolve));
  gather(gathering, "b");
  const late = textOf(growing.buffers);
  gathering.text("end");
  gathering.buffers();
  growing.end("whole");
  const all = `${"a".repeat(65 * 1024)}${"b".repeat(65 * 1024)}end`;
  expect([(await early) === all, (await late) === all]).toEqual([true, true]);
});

test("an answer that will never be whole ends in an error, not as if it were", async () => {
  const growing = new Growing("tag", new Gathering());
  const reader = textOf(growing.buffers);
  growing.end(new Error("a defect"));
  await expect(reader).rejects.toThrow("a defect");
});

/** A document of so many objects, each of a few KB, and what is done before the last one is encoded. */
function large(count: number, beforeLast: () => void) {
  const state = { id: "m", version: 1 } as StateReader["state"];
  const reader: StateReader = { state, read: (view, done) => done(view(state)) };
  const objects = Array.from({ length: count }, (_, at) => ({ at, text: "x".repeat(4096) }));
  const view = (object: object) => {
    if (object === objects.at(-1)) beforeLast();
    return object;
  };
  const lists = [...objects.keys()].map((at) => ({ key: objects[at]!, objects: () => [objects[at]!] }));
  const shape: Shape = { name: "large", version: "frozen", view };
  const document = () => ({ form: "json" as const, parts: [{ name: "all", lists, shape }] });
  return { readings: new Readings(reader), kind: { name: "large", document }, objects };
}

test("a large answer is opened while it is made, and is the same as the whole", async () => {
  const { readings, kind, objects } = large(2000, () => {});
  const opened = await readings.open(kind);
  expect(JSON.parse(await textOf(opened.buffers))).toEqual({ all: objects });
  const whole = await readings.read(kind);
  expect(whole.tag).toBe(opened.tag);
  expect(await textOf(whole.buffers)).toBe(JSON.stringify({ all: objects }));
});

test("a small answer is opened when it is whole, and tells its length", async () => {
  const { readings, kind } = large(2, () => {});
  expect((await readings.open(kind)).bytes).toBe((await readings.read(kind)).bytes);
});

test("who waits for the whole hears of a defect, and so does who has begun to read", async () => {
  const { readings, kind } = large(2000, () => {
    throw new Error("a defect");
  });
  const opened = readings.open(kind).then(({ buffers }) => textOf(buffers));
  await expect(readings.read(kind)).rejects.toThrow("a defect");
  await expect(opened).rejects.toThrow("a defect");
});
