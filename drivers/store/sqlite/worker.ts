import { parentPort, workerData } from "node:worker_threads";
import { SqliteFile } from "./file.ts";

export type Request =
  | { method: "ready" }
  | { method: "open"; above: number | undefined }
  | { method: "scan"; prefix: string }
  | { method: "commit"; puts: string[]; deletes: string[]; epoch: number }
  | { method: "close" };

export interface Reply {
  id: number;
  value?: unknown;
  error?: { name: string; message: string };
}

let file: SqliteFile | undefined;

parentPort!.on("message", ({ id, request }: { id: number; request: Request }) => {
  const reply: Reply = { id };
  try {
    file ??= new SqliteFile((workerData as { path: string }).path);
    reply.value = answer(file, request);
  } catch (error) {
    const { name, message } = error as Error;
    reply.error = { name, message };
  }
  parentPort!.postMessage(reply);
});

function answer(file: SqliteFile, request: Request): unknown {
  switch (request.method) {
    case "ready":
      return undefined;
    case "open":
      return file.open(request.above);
    case "scan":
      return file.scan(request.prefix);
    case "commit":
      return void file.commit({ puts: pairs(request.puts), deletes: new Set(request.deletes) }, request.epoch);
    case "close":
      return file.close();
  }
}

// Puts travel as one flat list of keys and values: half the cost of structured cloning a list of pairs.
function pairs(flat: string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) map.set(flat[i]!, flat[i + 1]!);
  return map;
}
