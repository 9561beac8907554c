import { gzipSync } from "node:zlib";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Sending } from "../step.ts";
import { bend } from "./bytes.ts";
import { ODD_TEXTS, once, pick } from "./odd.ts";

/** What is written on one connection: some requests behind one another, of which one or none is as HTTP wants it, in pieces cut anywhere. */
export function drawSending(random: Random): Sending {
  const oddity = pick(random, [0, 3, 8, 20]);
  const requests = Array.from({ length: pick(random, [1, 1, 1, 2, 3, 8]) }, () => drawRequest(random, oddity));
  const whole = Buffer.concat(requests);
  const bytes = oddity > 0 && once(random, 4) ? bend(whole, random) : whole;
  const sent = once(random, 6) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  return { do: "send", parts: cut(sent, random), ends: pick(random, ["end", "end", "end", "reset", "wait"]) };
}

/** In latin1, so that each byte is a character. */
function cut(bytes: Uint8Array, random: Random): string[] {
  const ends = Array.from({ length: pick(random, [0, 0, 1, 3, 12]) }, () => random.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  );
  return [...ends, bytes.length].map((end, i) =>
    Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end)).toString("latin1"),
  );
}

function drawRequest(random: Random, oddity: number): Buffer {
  const isOdd = () => oddity > 0 && once(random, oddity);
  const method = isOdd() ? pick(random, METHODS) : pick(random, ["GET", "POST", "POST"]);
  const target = isOdd() ? pick(random, TARGETS) : pick(random, method === "GET" ? READS : WRITES);
  const version = isOdd() ? pick(random, VERSIONS) : "HTTP/1.1";
  const body = method === "GET" ? Buffer.alloc(0) : drawBody(random, isOdd);
  const framed = frame(body, random, isOdd);
  const lines = [...drawHeaders(random, isOdd), ...framed.headers];
  if (isOdd()) lines.splice(random.below(lines.length + 1), 0, pick(random, LINES));
  const eol = isOdd() ? pick(random, ["\n", "\r", "\r\n\r\n", "\r\n "]) : "\r\n";
  const head = [`${method} ${target} ${version}`, ...lines].join(eol);
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, "latin1"), framed.bytes]);
}

const CALL = '{"type":"GET_HEALTH"}';
const SUBSCRIBE =
  '{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"f","roles":["eng"],"capabilities":[{"type":"MULTI_ROLE"}]}}}';

function drawBody(random: Random, isOdd: () => boolean): Buffer {
  if (!isOdd()) return Buffer.from(pick(random, [CALL, CALL, '{"type":"GET_STATE"}', SUBSCRIBE, "5\nhello"]));
  return pick(random, [
    () => Buffer.alloc(0),
    () => Buffer.alloc(40_000, "x"),
    () => Buffer.from("[".repeat(5_000)),
    () => Buffer.from(pick(random, ODD_TEXTS)),
    () => gzipSync(CALL),
    () => gzipSync(Buffer.alloc(300_000)),
    () => Buffer.from(`9999999999\n${CALL}`),
    () => gzipSync(CALL).subarray(0, 12),
  ])();
}

function drawHeaders(random: Random, isOdd: () => boolean): string[] {
  return [
    ...(isOdd() ? pick(random, HOSTS) : ["Host: 127.0.0.1"]),
    `Content-Type: ${isOdd() ? pick(random, ["application/recordio", "", "text/plain", "a".repeat(900)]) : "application/json"}`,
    ...(once(random, 3) ? ["Accept: application/json"] : []),
    ...(isOdd()
      ? [
          pick(random, [
            "Connection: close",
            "Connection: keep-alive, x",
            "Connection: Upgrade\r\nUpgrade: h2c",
            "Connection: ,,,",
          ]),
        ]
      : []),
    ...(isOdd()
      ? [pick(random, ["Expect: 100-continue", "Expect: x", "Expect: 100-continue\r\nExpect: 100-continue"])]
      : []),
    ...(isOdd() ? [`Content-Encoding: ${pick(random, ["gzip", "identity", "deflate", "gzip, gzip", "br", ""])}`] : []),
  ];
}

interface Framed {
  readonly headers: readonly string[];
  readonly bytes: Buffer;
}

function frame(body: Buffer, random: Random, isOdd: () => boolean): Framed {
  const isChunked = once(random, 3);
  if (isChunked)
    return {
      headers: isOdd() ? pick(random, CODINGS) : ["Transfer-Encoding: chunked"],
      bytes: chunked(body, random, isOdd),
    };
  if (body.length === 0 && !isOdd()) return { headers: [], bytes: body };
  const length = isOdd()
    ? pick(random, LENGTHS).replaceAll("N", String(body.length))
    : `Content-Length: ${body.length}`;
  return { headers: length === "" ? [] : [length], bytes: body };
}

function chunked(body: Buffer, random: Random, isOdd: () => boolean): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + random.below(Math.max(1, body.length)));
    const said = isOdd() ? pick(random, SIZES).replaceAll("N", size.toString(16)) : size.toString(16);
    parts.push(
      Buffer.from(`${said}\r\n`),
      body.subarray(at, at + size),
      Buffer.from(isOdd() ? pick(random, ["", "\n", "\r\n\r\n", "x"]) : "\r\n"),
    );
    at += size;
  }
  const trailer = isOdd() ? pick(random, TRAILERS) : "";
  return Buffer.concat([
    ...parts,
    Buffer.from(
      isOdd() ? pick(random, ["", "0", "00000000000000000\r\n\r\n", "-0\r\n\r\n"]) : `0\r\n${trailer}\r\n`,
      "latin1",
    ),
  ]);
}

const READS = [
  "/health",
  "/state",
  "/version",
  "/metrics/snapshot",
  "/files/browse?path=/x",
  "/",
  "/tasks?limit=1",
  "http://127.0.0.1/health",
];
const WRITES = ["/api/v1", "/api/v1", "/api/v1/scheduler", "/api/v1/agent-link", "/teardown", "/weights"];
const METHODS = [
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
  "PATCH",
  "TRACE",
  "CONNECT",
  "get",
  "",
  "G\u0000T",
  "PRI",
  "M-SEARCH",
  "A".repeat(300),
  "QUERY",
];
const TARGETS = [
  ...[
    "*",
    "",
    "//",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc",
    "/%",
    "/%zz",
    "/%00",
    "/%ff%fe",
    "http://",
    "http://x:99999/",
    "?",
    "#",
    "/a b",
  ],
  ...[
    "127.0.0.1:5050",
    "/\u00e9",
    `/${"a".repeat(20_000)}`,
    `/?${"a=b&".repeat(3_000)}`,
    "/files/read?path=../../x",
    "/health?jsonp=",
    "/slave(1)/state",
  ],
  ...[
    "/\\..\\x",
    "/state?jsonp=alert(1)//",
    "/explain?framework_id=%F0%9F%98%80",
    "/./health",
    "/health/",
    "/master//health",
    "ftp://x/health",
  ],
];
const VERSIONS = [
  "HTTP/1.0",
  "HTTP/0.9",
  "HTTP/2.0",
  "HTTP/1.1 ",
  "HTTP/1.2",
  "http/1.1",
  "",
  "HTTP/1.1\u0000",
  "HTTP/11",
  "HTTP/1.10",
  "ICY",
];
const HOSTS = [
  [],
  ["Host: evil.example"],
  ["Host: 127.0.0.1", "Host: x"],
  ["Host:"],
  ["Host: [::1"],
  [`Host: ${"a".repeat(5_000)}`],
  ["Host: \u00ff"],
];
const LINES = [
  ...[
    "X",
    ": y",
    "X :y",
    " X: y",
    "X: a\r\n b",
    "X: \u0000",
    "X: \u007f",
    "X\u00e9: y",
    "X: \u00e9",
    "Content-Length: 3",
    "Transfer-Encoding: chunked",
  ],
  ...[
    "Cookie: ".padEnd(15_000, "c"),
    "X: ".padEnd(17_000, "y"),
    "Connection: close, Content-Length",
    "Keep-Alive: timeout=999999999",
    "Range: bytes=0-",
  ],
  ...[
    "Upgrade: websocket",
    "Origin: http://evil",
    "Content-Type: application/json",
    "Authorization: Basic !!!",
    "If-None-Match: *",
    "__proto__: x",
    "Via: 1.1 a",
  ],
  Array.from({ length: 120 }, (_, i) => `H${i}: x`).join("\r\n"),
  Array.from({ length: 3_000 }, (_, i) => `H${i}: x`).join("\r\n"),
];
const LENGTHS = [
  ...[
    "",
    "Content-Length: 0",
    "Content-Length: -1",
    "Content-Length: +N",
    "Content-Length: N ",
    "Content-Length: 0xN",
    "Content-Length: N, N",
  ],
  ...[
    "Content-Length: N\r\nContent-Length: 1",
    "Content-Length: N\r\nContent-Length: N",
    "Content-Length: 99999999999999999999",
    "Content-Length: 33554433",
  ],
  ...[
    "Content-Length: 1",
    "Content-Length: 100000",
    "Content-Length: ",
    "Content-Length: N\r\nTransfer-Encoding: chunked",
    "Content-Length: 1e3",
    "Content_Length: N",
  ],
];
const CODINGS = [
  ["Transfer-Encoding: chunked", "Content-Length: 5"],
  ["Transfer-Encoding: chunked, chunked"],
  ["Transfer-Encoding: gzip, chunked"],
  ["Transfer-Encoding: chunked, identity"],
  ["Transfer-Encoding: identity"],
  ["Transfer-Encoding: xchunked"],
  ["Transfer-Encoding:\u000bchunked"],
  ["Transfer-Encoding: Chunked"],
  ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
];
const SIZES = [
  "0N",
  "N;x=y",
  `N;${"e".repeat(20_000)}`,
  "NN",
  "0",
  "g",
  "-1",
  "FFFFFFFFFFFFFFFF",
  "10000000000000000",
  "0xN",
  " N",
  "N ",
  "N\n",
  "7fffffff",
  "80000000",
];
const TRAILERS = [
  "X: y\r\n",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  ": \r\n",
  `T: ${"t".repeat(20_000)}\r\n`,
  "X: y\r\n".repeat(300),
  "\u0000\r\n",
  "Host: x\r\n",
];
