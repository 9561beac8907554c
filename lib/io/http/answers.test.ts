import fc from "fast-check";
import { expect, test } from "vitest";
import { Answers } from "./answers.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const shown = (answers: readonly { status: number; body: Uint8Array }[]) =>
  answers.map(({ status, body }) => [status, text(body)]);

const PARTS: readonly (readonly [text: string, shown: readonly [number, string]])[] = [
  ["HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", [202, ""]],
  ["HTTP/1.1 400 Bad Request\r\ncontent-length: 5\r\nX-A: b\r\n\r\nwords", [400, "words"]],
  ["HTTP/1.1 204 No Content\r\n\r\n", [204, ""]],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\nB;x=y\r\n and twenty\r\n0\r\n\r\n",
    [200, "one and twenty"],
  ],
  ["HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: t\r\n\r\n", [200, "x"]],
  ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\r\n\r", [200, "\r\n\r"]],
];

test("answers are the same wherever the bytes of a connection are cut", () => {
  const parts = fc.array(fc.constantFrom(...PARTS), { maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.array(fc.nat(400)), (chosen, cuts) => {
      const all = bytes(chosen.map(([one]) => one).join(""));
      const answers = new Answers();
      const found = [];
      let from = 0;
      for (const cut of [...cuts.filter((at) => at < all.length).sort((a, b) => a - b), all.length]) {
        found.push(...answers.push(all.subarray(from, cut)));
        from = cut;
      }
      expect(shown(found)).toEqual(chosen.map(([, one]) => one));
    }),
  );
});

test("names of headers are in lower case, and those that come twice are one", () => {
  const [answer] = new Answers().push(
    bytes("HTTP/1.1 307 x\r\nLocation: //b:1/c\r\nA: 1\r\na: 2\r\nContent-Length:0\r\n\r\n"),
  );
  expect(answer?.headers).toEqual({ location: "//b:1/c", a: "1, 2", "content-length": "0" });
});

test("after an answer that closes the connection there is none", () => {
  const answers = new Answers();
  const last = "HTTP/1.1 503 no\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  expect(shown(answers.push(bytes(last + last)))).toEqual([[503, ""]]);
  expect(answers.isLast).toBe(true);
});

test.each([
  ["it is no answer", "SMTP hello\r\n\r\n"],
  ["it has no length", "HTTP/1.1 200 OK\r\n\r\n"],
  ["it has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["its length is no number", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
  [
    "it has both a length and an encoding that nobody asked for",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n\r\na",
  ],
  ["a chunk has no length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"],
  ["a chunk is longer than it says", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"],
  ["a header has no name", "HTTP/1.1 200 OK\r\n: b\r\n\r\n"],
  ["its head is endless", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(70_000)}`],
  ["its body is endless", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"],
])("what is sent is refused when %s", (_, sent) => {
  expect(() => new Answers().push(bytes(sent))).toThrow();
});
