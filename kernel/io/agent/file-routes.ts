import type { FileInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { type Answer, jsonAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Routes } from "@meseta/lib/io/http/router.ts";
import type { Front } from "./front.ts";
import { problemAnswer } from "./operator.ts";

/** /files/…: sandboxes and the agent's log, page by page. */
export function fileRoutes({ files }: Front): Routes {
  return {
    "/files/browse": withPath(async (path) => {
      const listed = await files.list(path);
      return "status" in listed ? problemAnswer(listed) : jsonAnswer(listed.map(oldFileInfo));
    }),
    "/files/read": withPath((path, query) => read(files, path, query)),
    "/files/download": withPath((path) => download(files, path)),
    "/files/debug": async () => jsonAnswer(await files.shown()),
  };
}

function withPath(answer: (path: string, query: URLSearchParams) => Promise<Answer>): Handler {
  return ({ query }) => {
    const path = query.get("path");
    return path === null || path === "" ? textAnswer(400, "Expecting 'path=value' in query.\n") : answer(path, query);
  };
}

/** An offset of -1 asks for the size, which is given as the offset. */
async function read(files: Front["files"], path: string, query: URLSearchParams): Promise<Answer> {
  const offset = integerOf(query, "offset", -1);
  const length = integerOf(query, "length", -1);
  if (typeof offset === "object") return offset;
  if (typeof length === "object") return length;
  const piece = await files.read(path, offset, length < 0 ? undefined : length);
  if ("status" in piece) return problemAnswer(piece);
  if (offset < 0) return jsonAnswer({ data: "", offset: piece.size });
  return jsonAnswer({ data: Buffer.from(piece.data).toString("utf8"), offset });
}

function integerOf(query: URLSearchParams, name: string, otherwise: number): number | Answer {
  const given = query.get(name);
  if (given === null) return otherwise;
  const value = /^-?\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= -1) return value;
  return textAnswer(400, `Failed to parse ${name}: '${given}' is not a number of bytes.\n`);
}

async function download(files: Front["files"], path: string): Promise<Answer> {
  const found = await files.download(path);
  if ("status" in found) return problemAnswer(found);
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(found.size),
    "Content-Disposition": `attachment; filename=${found.name.replace(/[^\w.-]/g, "_")}`,
  };
  return { status: 200, headers, pieces: found.pieces };
}

function oldFileInfo({ gid, mode, mtime, nlink, path, size, uid }: FileInfo): object {
  return { gid, mode: modeText(mode ?? 0), mtime: (mtime?.nanoseconds ?? 0) / 1e9, nlink, path, size, uid };
}

// As ls(1) writes it: drwxr-xr-x.
function modeText(mode: number): string {
  const kinds: Readonly<Record<number, string>> = { 4: "d", 9: "l", 2: "c", 6: "b", 1: "p", 11: "s" };
  const bits = [...(mode & 0o777).toString(2).padStart(9, "0")];
  return (kinds[mode >> 12] ?? "-") + bits.map((bit, at) => (bit === "1" ? "rwx"[at % 3] : "-")).join("");
}
