import fc from "fast-check";
import { expect, it } from "vitest";
import { NoticeReader } from "./notices.ts";

const frame = (notice: object) => `event: x\r\ndata: ${JSON.stringify(notice)}\r\n\r\n`;

it("notices come out whole however the stream is cut, heartbeats between them", () => {
  const notices = fc.array(fc.record({ eventType: fc.string({ unit: "grapheme" }), n: fc.nat() }), { maxLength: 5 });
  fc.assert(
    fc.property(notices, fc.array(fc.nat(40), { maxLength: 20 }), (wanted, cuts) => {
      const bytes = new TextEncoder().encode(wanted.map((notice) => `:\n\n\n${frame(notice)}`).join(""));
      const reader = new NoticeReader();
      const got = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        got.push(...reader.push(bytes.subarray(at, at + cut)));
        at += cut;
      }
      expect(got).toEqual(wanted);
    }),
  );
});
