import type { Terminal } from "@meseta/shell/io/terminal.ts";
import { store } from "./store.ts";

/** Runs `meseta store …` in this process: its exit code, and what it printed. */
export async function storeCommand(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const terminal: Terminal = {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    width: undefined,
    live: false,
    paint: (text) => text,
    ask: async () => undefined,
  };
  return { code: await store(["store", ...words], terminal), ...said };
}
