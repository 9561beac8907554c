import { decodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Look, list, type Part, type Shape, type Supplement } from "../../core/master/views/shape.ts";
import { assemble, capture, type Document, warm } from "./document.ts";
import { Pieces } from "./pieces.ts";
import { atOnce } from "./slices.ts";

interface Thing {
  name: string;
  version: number;
}

// Nothing here looks at the state.
const look = undefined as unknown as Look;
const changing: Shape<Thing> = { name: "changing", version: ({ version }) => version, view: ({ name }) => ({ name }) };
const frozen: Shape<Thing> = { name: "frozen", version: "frozen", view: ({ name }) => ({ name }) };
const once: Shape<Thing> = { name: "once", version: "once", view: ({ name }) => ({ name }) };
const v1: Shape<Task> = { name: "task", type: "mesos.v1.Task", version: "frozen", view: (task) => task };

function textOf(document: Document, pieces: Pieces): string {
  const gathering = atOnce(assemble(capture(document, look, pieces), look));
  const bytes = Buffer.concat(gathering.buffers());
  expect(bytes.length).toBe(gathering.bytes);
  return bytes.toString();
}

function partsOf(head: Thing, things: Thing[]): Part[] {
  return [
    { fields: head, shape: changing },
    { name: "none", value: undefined },
    { name: "value", value: { of: 1 } },
    { name: "changing", lists: list(things, () => things), shape: changing },
    {
      name: "nested",
      parts: [{ name: "frozen", lists: [...list(things, () => things), ...list({}, () => things)], shape: frozen }],
    },
    {
      name: "more",
      lists: [...list(head, () => [head]), ...list(things, () => things)],
      shape: changing,
      supplement: lengths,
    },
    { name: "items", items: [[{ name: "once", lists: list(things, () => things), shape: once }], []] },
  ];
}

const lengths: Supplement = () =>
  function* () {
    yield;
    return ({ name }: Thing) => ({ length: name.length });
  };

function plainOf(head: Thing, things: Thing[]): object {
  const names = things.map(({ name }) => ({ name }));
  const nested = { frozen: [...names, ...names] };
  const more = [head, ...things].map((thing) => ({ name: thing.name, length: thing.name.length }));
  return { name: head.name, value: { of: 1 }, changing: names, nested, more, items: [{ once: names }, {}] };
}

test("whatever happens to the lists between readings, an answer says what JSON.stringify says", () => {
  const name = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.nat({ max: 30_000 }).map((length) => "x".repeat(length)),
  );
  const edit = fc.record({ kind: fc.constantFrom("append", "remove", "replace", "drop"), at: fc.nat(), name });
  fc.assert(
    fc.property(fc.array(fc.array(edit, { maxLength: 30 }), { maxLength: 6 }), fc.boolean(), (rounds, isWarmed) => {
      const pieces = new Pieces(rounds.length % 2 === 0 ? 100_000 : undefined);
      const head = { name: "head", version: 0 };
      const things: Thing[] = [];
      for (const edits of rounds) {
        for (const one of edits) apply(things, one);
        head.version++;
        head.name = `head ${head.version}`;
        const document: Document = { form: "json", parts: partsOf(head, things) };
        if (isWarmed) atOnce(warm(document, look, pieces));
        expect(textOf(document, pieces)).toBe(JSON.stringify(plainOf(head, things)));
      }
    }),
    { numRuns: 60 },
  );
});

function apply(things: Thing[], { kind, at, name }: { kind: string; at: number; name: string }): void {
  const thing = { name, version: 0 };
  const place = at % Math.max(1, things.length);
  if (kind === "append") things.push(thing);
  else if (kind === "remove") things.splice(place, 1);
  else if (kind === "drop") things.splice(0, place);
  else if (things.length > 0) things[place] = thing;
}

test("an object that changed in place is encoded again when its version rose", () => {
  const pieces = new Pieces();
  const things = [{ name: "a", version: 1 }];
  const document: Document = {
    form: "json",
    parts: [{ name: "things", lists: list(things, () => things), shape: changing }],
  };
  expect(textOf(document, pieces)).toBe('{"things":[{"name":"a"}]}');
  Object.assign(things[0]!, { name: "b", version: 2 });
  expect(textOf(document, pieces)).toBe('{"things":[{"name":"b"}]}');
});

test("what is known is not encoded again, also when many have left the list at once", () => {
  let encoded = 0;
  const counting: Shape<Thing> = { ...frozen, view: ({ name }) => ({ name: `${name} ${++encoded}` }) };
  const pieces = new Pieces();
  const things = Array.from({ length: 1000 }, (_, i) => ({ name: `${i}`, version: 0 }));
  const document: Document = {
    form: "json",
    parts: [{ name: "things", lists: list(things, () => things), shape: counting }],
  };
  textOf(document, pieces);
  expect(encoded).toBe(1000);
  things.splice(0, 500);
  things.push({ name: "new", version: 0 });
  textOf(document, pieces);
  expect(encoded).toBeLessThan(1030);
});

test("an answer that was captured does not change with the objects", () => {
  const pieces = new Pieces();
  const things = [{ name: "a", version: 1 }];
  const shapes: Part[] = [
    { name: "changing", lists: list(things, () => things), shape: changing },
    { name: "frozen", lists: list(things, () => [...things]), shape: frozen },
  ];
  const captured = capture({ form: "json", parts: shapes }, look, pieces);
  things[0] = { name: "b", version: 2 };
  things.push({ name: "c", version: 1 });
  const text = Buffer.concat(atOnce(assemble(captured, look)).buffers()).toString();
  expect(text).toBe('{"changing":[{"name":"a"}],"frozen":[{"name":"a"}]}');
});

test("in protobuf the pieces make the very message", () => {
  const pieces = new Pieces();
  const task = (id: string): Task => ({
    name: id,
    task_id: { value: id },
    framework_id: { value: "f" },
    agent_id: { value: "a" },
    state: "TASK_RUNNING",
  });
  const tasks = Array.from({ length: 300 }, (_, i) => task(`task ${i}`));
  const document: Document = {
    form: "protobuf",
    type: "mesos.v1.master.Response",
    parts: [
      { name: "type", value: "GET_STATE" },
      {
        name: "get_state",
        parts: [{ name: "get_tasks", parts: [{ name: "tasks", lists: list(tasks, () => tasks), shape: v1 }] }],
      },
    ],
  };
  for (let round = 0; round < 2; round++) {
    const bytes = Buffer.concat(atOnce(assemble(capture(document, look, pieces), look)).buffers());
    expect(decodeProtobuf("mesos.v1.master.Response", bytes)).toEqual({
      type: "GET_STATE",
      get_state: { get_tasks: { tasks } },
    });
  }
});

test("beyond the budget the shape that was used least lately is dropped, and made anew when asked for", () => {
  const pieces = new Pieces(50_000);
  const things = Array.from({ length: 100 }, (_, i) => ({ name: `${i}`.repeat(200), version: 0 }));
  const document = (shape: Shape): Document => ({
    form: "json",
    parts: [{ name: "t", lists: list(things, () => things), shape }],
  });
  const text = textOf(document(frozen), pieces);
  for (let i = 0; i < 5; i++) {
    expect(textOf(document(changing), pieces)).toBe(text);
    expect(textOf(document(frozen), pieces)).toBe(text);
    expect(pieces.bytes).toBeLessThan(2 * 50_000);
  }
});
