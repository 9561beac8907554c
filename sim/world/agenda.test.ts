import fc from "fast-check";
import { expect, it } from "vitest";
import { Agenda } from "./agenda.ts";

/** What happens, each at the time that it was noted for: in which order, when each notes those that follow it. */
interface Noted {
  readonly ms: number;
  readonly next: readonly Noted[];
}

const { noted } = fc.letrec<{ noted: Noted }>((tie) => ({
  noted: fc.record({
    ms: fc.constantFrom(-1, 0, 0, 0.5, 1, 2, 7),
    next: fc.oneof({ depthSize: "small" }, fc.constant([]), fc.array(tie("noted"), { maxLength: 4 })),
  }),
}));

it("what is noted happens in order of time, and of one moment in the order in which it was noted", () => {
  fc.assert(
    fc.property(fc.array(noted, { maxLength: 8 }), (first) => {
      const agenda = new Agenda(100);
      const all: { readonly atMs: number; readonly number: number }[] = [];
      const happened: { readonly atMs: number; readonly number: number }[] = [];
      const note = ({ ms, next }: Noted): void => {
        const one = { atMs: agenda.nowMs + Math.max(0, ms), number: all.length };
        all.push(one);
        agenda.note(ms, () => {
          happened.push(one);
          for (const one of next) note(one);
        });
      };
      for (const one of first) note(one);
      for (let task = agenda.next(1_000); task !== undefined; task = agenda.next(1_000)) {
        expect(agenda.nowMs).toBe(task.atMs);
        task.run();
      }
      expect(agenda.size).toBe(0);
      expect(happened).toEqual(all.toSorted((a, b) => a.atMs - b.atMs || a.number - b.number));
    }),
  );
});

it("what is due after the end stays", () => {
  const agenda = new Agenda(0);
  agenda.note(11, () => {});
  expect(agenda.next(10)).toBeUndefined();
  expect(agenda.size).toBe(1);
  expect(agenda.next(11)?.atMs).toBe(11);
});
