import { type Answer, jsonAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Routes } from "@meseta/lib/io/http/router.ts";
import type { Front } from "./front.ts";

/** /files/…: the log of the master, page by page. */
export function fileRoutes({ files }: Front): Routes {
  return {
    "/files/browse": withPath(async (path) => {
      const listed = await files.list(path);
      return "refusal" in listed ? listed.refusal : jsonAnswer(listed.files);
    }),
    "/files/read": withPath((path, query) => read(files, path, query)),
    "/files/download": withPath((path) => download(files, path)),
    "/files/debug": () => jsonAnswer(Object.fromEntries(files.shown)),
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
  const length = integerOf(query, "length", undefined);
  if (typeof offset === "object") return offset;
  if (typeof length === "object") return length;
  if (offset === undefined || offset < 0) {
    const size = await files.sizeOf(path);
    return size === undefined ? textAnswer(404, "") : jsonAnswer({ data: "", offset: size });
  }
  const piece = await files.read({ path, offset, length: length === undefined || length < 0 ? undefined : length });
  if ("refusal" in piece) return piece.refusal;
  const past = piece.data.length === 0 && offset > piece.size;
  return jsonAnswer({ data: Buffer.from(piece.data).toString(), offset: past ? piece.size : offset });
}

function integerOf(query: URLSearchParams, name: string, otherwise: number | undefined): number | undefined | Answer {
  const given = query.get(name);
  if (given === null) return otherwise;
  const value = /^-?\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= -1) return value;
  return textAnswer(400, `Failed to parse ${name}: '${given}' is not a number of bytes.\n`);
}

async function download(files: Front["files"], path: string): Promise<Answer> {
  if ((await files.sizeOf(path)) === undefined) return textAnswer(404, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const headers = { "Content-Type": "application/octet-stream", "Content-Disposition": `attachment; filename=${name}` };
  return { status: 200, headers, pieces: pages(files, path) };
}

async function* pages(files: Front["files"], path: string): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; ) {
    const piece = await files.read({ path, offset });
    if ("refusal" in piece || piece.data.length === 0) return;
    offset += piece.data.length;
    yield piece.data;
  }
}
