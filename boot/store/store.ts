// `meseta store …`: what is done with stores from outside. Parts own theirs; these commands read one, or fill one that nobody uses.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FORMAT_KEY, type StoredFormat } from "@meseta/lib/core/format.ts";
import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { bytes } from "@meseta/shell/core/amounts.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { route } from "@meseta/shell/core/route.ts";
import { createFlags } from "@meseta/shell/flags.ts";
import { type Invocation, word } from "@meseta/shell/invocation.ts";
import { fileProblem } from "@meseta/shell/io/read-file.ts";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import { report, runShell } from "@meseta/shell/main.ts";
import { parse } from "@meseta/shell/parse.ts";
import { storeRows } from "@meseta/shell/table/stores.ts";
import { accessAround } from "../etcd/access.ts";
import { storeFailure } from "../failures.ts";
import { isArchive, readArchive, writeArchive } from "./archive.ts";
import { digestOf, type Records } from "./digest.ts";
import { fill } from "./fill.ts";
import { type Held, holdAlone, holdToFill, holdToRead } from "./hold.ts";
import { type Place, placeUrl, readPlace, UNFINISHED } from "./place.ts";

const VERBS: Readonly<Record<string, (invocation: Invocation) => Promise<void>>> = {
  "store copy": copy,
  "store check": check,
  "store backup": backup,
  "store restore": restore,
};

/** Carries out a command line that begins with `store`, and gives the exit code. */
export async function store(argv: readonly string[], terminal: Terminal): Promise<number> {
  const found = route(argv, storeRows);
  if (found.type !== "command") return runShell(argv, terminal);
  try {
    const parsed = parse(found.row, found.rest, Math.min(terminal.width ?? 80, 100));
    if ("help" in parsed) terminal.out(parsed.help);
    else {
      const flags = createFlags(found.row, parsed.given, () => undefined);
      await VERBS[found.row.path]!({ row: found.row, args: parsed.args, flags, terminal });
    }
    return 0;
  } catch (error) {
    return report(storeFailure(error), argv, terminal);
  }
}

async function copy(invocation: Invocation): Promise<void> {
  const [from, to] = [placeIn(invocation, "from"), placeIn(invocation, "to")];
  if (placeUrl(from) === placeUrl(to)) throw usage("from and to are the same store");
  await using source = held(await holdAlone(from));
  const before = await source.look();
  // Before there is a target: what cannot be read leaves nothing behind.
  const records = await recordsOf(source);
  await using target = held(await holdToFill(to, invocation.flags.on("force")));
  const digest = await fill(target, filling(invocation, records, source.url, before!.epoch));
  const after = await source.look();
  if (before!.epoch !== after!.epoch || before!.version !== after!.version)
    throw new StoreFailed(`${source.url} was written to meanwhile. Stop that part, and copy again with --force`);
  tell(invocation, `${counted(records.length, "record")} copied to ${target.url}, and compared: ${shown(digest)}`);
}

async function backup(invocation: Invocation): Promise<void> {
  const file = resolve(word(invocation, "file"));
  if (existsSync(file) && !invocation.flags.on("force"))
    throw new Failure("bad-file", { file, why: "it exists; --force replaces it" });
  await using source = held(await holdToRead(placeIn(invocation, "store")));
  const opened = await source.look();
  const records = await recordsOf(source);
  const from = source.url;
  ofFile(file, () => writeArchive(file, { made: new Date().toISOString(), from, ...opened! }, records));
  const { digest } = readArchive(file);
  if (digest !== digestOf(records))
    throw new Failure("bad-file", { file, why: "it does not hold what was written to it" });
  tell(invocation, `${counted(records.length, "record")} of ${from} ${are(records)} in ${file}: ${shown(digest)}`);
}

async function restore(invocation: Invocation): Promise<void> {
  const file = resolve(word(invocation, "file"));
  const { heading, records } = ofFile(file, () => readArchive(file));
  await using target = held(await holdToFill(placeIn(invocation, "store"), invocation.flags.on("force")));
  const digest = await fill(target, filling(invocation, records, file, heading.epoch));
  tell(
    invocation,
    `${counted(records.length, "record")} of ${heading.from}, as of ${heading.made}, ${are(records)} in ${target.url}, and compared: ${shown(digest)}`,
  );
}

const are = ({ length }: readonly unknown[]): string => (length === 1 ? "is" : "are");

async function check(invocation: Invocation): Promise<void> {
  const text = word(invocation, "store");
  if (ofFile(text, () => isArchive(text))) {
    const { heading, records, digest } = ofFile(text, () => readArchive(text));
    return tell(invocation, `a whole backup of ${heading.from}, as of ${heading.made}: ${sums(records, digest)}`);
  }
  const source = await holdToRead(placeIn(invocation, "store"));
  await using _ = held(source);
  const members = await source.check();
  const records = await source.store.scan("");
  if (records.some(([key]) => key === UNFINISHED)) throw unfinished(source.url);
  const { epoch, version } = (await source.look())!;
  const used = source.user === undefined ? "not in use" : `in use: ${source.user}`;
  const alike = members === undefined ? "" : `; ${members}`;
  tell(
    invocation,
    `${source.url} is whole: ${sums(records, digestOf(records))}; ${formatIn(records)}, epoch ${epoch}, ${counted(version, "commit")}${alike}; ${used}`,
  );
}

function formatIn(records: Records): string {
  const text = records.find(([key]) => key === FORMAT_KEY)?.[1];
  if (text === undefined) return "format 1";
  const { format, release } = JSON.parse(text) as StoredFormat;
  return `format ${format} of Meseta ${release}`;
}

async function recordsOf({ url, store }: Held): Promise<Records> {
  const records = await store.scan("");
  if (records.some(([key]) => key === UNFINISHED)) throw unfinished(url);
  return records;
}

function filling(invocation: Invocation, records: Records, from: string, epoch: number) {
  const words = Object.values(invocation.args).join(" ");
  return {
    records,
    from,
    epoch,
    force: invocation.flags.on("force"),
    again: `meseta ${invocation.row.path} ${words} --force`,
    progress: (done: number, of: number) => progress(invocation.terminal, done, of),
  };
}

// One line that is drawn over, for who watches.
function progress(terminal: Terminal, done: number, of: number): void {
  if (terminal.live) terminal.err(`\r\x1b[K${done === of ? "" : `${done} of ${counted(of, "record")} …`}`);
}

function placeIn(invocation: Invocation, name: string): Place {
  const text = word(invocation, name);
  const place = readPlace(text);
  if ("problem" in place) throw usage(`${text} is no store: ${place.problem}${fileMeant(text)}`);
  if (place.kind === "etcd" && place.folder === "")
    throw usage(`${text} names no folder: say whose, as in ${text.replace(/\/$/, "")}/meseta/master`);
  return place.kind === "sqlite" ? place : { ...place, access: accessAround() };
}

function usage(message: string): Failure {
  return new Failure("usage", {
    message,
    why: "a store is sqlite:PATH or etcd://HOST:PORT,…/FOLDER",
    help: "meseta store --help",
  });
}

function fileMeant(text: string): string {
  if (/^\w+:/.test(text)) return "";
  return existsSync(text) ? `. If it is a file of SQLite: sqlite:${text}` : ", and it is no file that is there";
}

function unfinished(url: string): StoreFailed {
  return new StoreFailed(
    `${url} was being filled from another store, and that was not finished. Do it again, with --force`,
  );
}

function ofFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Failure("bad-file", { file, why: fileProblem(error as Error) });
  }
}

function held<T extends Held>(one: T): T & AsyncDisposable {
  return { ...one, [Symbol.asyncDispose]: () => one.store.close() };
}

function sums(records: Records, digest: string): string {
  let units = 0;
  for (const [key, value] of records) units += Buffer.byteLength(key) + Buffer.byteLength(value);
  return `${counted(records.length, "record")}, ${bytes(units)}, ${shown(digest)}`;
}

function shown(digest: string): string {
  return `sha256 ${digest}`;
}

function tell(invocation: Invocation, text: string): void {
  invocation.terminal.out(`${text}\n`);
}
