import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRecord, RecordDecoder, RecordError } from "./recordio.ts";

const text = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));

test("records come out as they went in, wherever the stream is cut", () => {
  const records = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(records, fc.array(fc.nat({ max: 50 })), fc.boolean(), (payloads, cuts, emptyLines) => {
      const framed = payloads.flatMap((payload) => [...(emptyLines ? text("\n\n") : []), ...encodeRecord(payload)]);
      const decoder = new RecordDecoder();
      const received = chunksOf(Uint8Array.from(framed), cuts).flatMap((chunk) => decoder.push(chunk));
      decoder.end();
      expect(received.map((record) => [...record])).toEqual(payloads.map((payload) => [...payload]));
    }),
  );
});

test("the length is decimal text and a newline", () => {
  expect(encodeRecord(text("hello, world"))).toEqual(text("12\nhello, world"));
});

test("whatever bytes come, there are records or a RecordError, and the error stays", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
      const decoder = new RecordDecoder(20);
      let failed = false;
      for (const chunk of chunks) {
        try {
          for (const record of decoder.push(chunk)) expect(record.length).toBeLessThanOrEqual(20);
          expect(failed).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError);
          failed = true;
        }
      }
    }),
  );
});

test.each([
  ["x", "byte 120 where the length"],
  ["-1\n", "byte 45 where the length"],
  ["5\r\nhello", "byte 13 where the length"],
  ["0\n", "a record of length 0"],
  ["21\n", "a record of 21 bytes, where 20 are allowed"],
  ["00000000001\n", "more than 10 digits"],
])("%j is refused", (stream, why) => {
  expect(() => new RecordDecoder(20).push(text(stream))).toThrow(why);
});

test("an end inside a record is noticed", () => {
  for (const stream of ["5", "5\n", "5\nhell"]) {
    const decoder = new RecordDecoder();
    decoder.push(text(stream));
    expect(() => decoder.end()).toThrow("the stream ended inside a record");
  }
});

function chunksOf(stream: Uint8Array, cuts: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const length of cuts) {
    chunks.push(stream.subarray(at, at + length));
    at += length;
  }
  return [...chunks, stream.subarray(at)];
}
