import { CallRefused } from "@meseta/sdk/core/errors.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLinePrefix } from "./line-prefix.ts";
import { type FileReader, Tail } from "./tail.ts";

/** A file that grows as the test says; undefined while it does not exist. */
class File implements FileReader {
  content: string | undefined;

  async readFile(_path: string, offset: number, length: number) {
    if (this.content === undefined) throw new CallRefused("http://a", "READ_FILE", 404, "");
    const bytes = Buffer.from(this.content);
    return { size: bytes.length, data: bytes.subarray(offset, offset + Math.min(length, 65_536)).toString("base64") };
  }
}

function tailOf(file: File): { tail: Tail; text: () => string } {
  const pieces: Uint8Array[] = [];
  return {
    tail: new Tail(file, "/stdout", (bytes) => pieces.push(bytes)),
    text: () => Buffer.concat(pieces).toString(),
  };
}

test("a file larger than one answer comes whole, and only once", async () => {
  const file = new File();
  file.content = "x".repeat(150_000);
  const { tail, text } = tailOf(file);
  expect(await tail.readOn()).toBe(true);
  file.content += "end";
  await tail.readOn();
  expect(await tail.readOn()).toBe(false);
  expect(text()).toBe(file.content);
});

test("a file that is not there yet is waited for while the task lives, and then read to its end", async () => {
  const file = new File();
  const { tail, text } = tailOf(file);
  let looks = 0;
  await tail.follow(() => {
    looks++;
    if (looks === 2) file.content = "first\n";
    if (looks === 3) file.content += "last\n";
    return looks === 3;
  });
  expect(text()).toBe("first\nlast\n");
});

test("a file that was rotated is read from its new beginning", async () => {
  const file = new File();
  file.content = "old and long\n";
  const { tail, text } = tailOf(file);
  await tail.readOn();
  file.content = "new\n";
  await tail.readOn();
  expect(text()).toBe("old and long\nnew\n");
});

test("only the last lines are given when only they are wanted", async () => {
  const file = new File();
  file.content = `${"filler\n".repeat(20_000)}one\ntwo\n`;
  const { tail, text } = tailOf(file);
  await tail.skipToLast(2);
  await tail.readOn();
  expect(text()).toBe("one\ntwo\n");
});

test("a missing file is told by its name", async () => {
  await expect(tailOf(new File()).tail.readAll()).rejects.toThrow("there is no file /stdout");
});

test("lines keep their label however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "é", "\n") })), (pieces) => {
      let out = "";
      const to = createLinePrefix("w | ", (bytes) => (out += Buffer.from(bytes).toString()));
      for (const piece of pieces) to.write(Buffer.from(piece));
      to.end();
      const lines = pieces.join("").split("\n");
      if (lines.at(-1) === "") lines.pop();
      expect(out).toBe(lines.map((line) => `w | ${line}\n`).join(""));
    }),
  );
});
