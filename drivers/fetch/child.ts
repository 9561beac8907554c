// The process that fetches. It reads one order from stdin, becomes the sandbox's user (not before, so that the project may lie where
// only root can read), says in the sandbox's stderr what it does, and writes the outcome to stdout.
import { chmodSync, constants, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { copyLocal } from "./copy.ts";
import { download } from "./download.ts";
import { reasonOf } from "./http.ts";
import type { FetchUser, Order, Outcome, Step } from "./order.ts";
import { preparePlace } from "./place.ts";
import { archiveKind, unpack, usualBounds } from "./unpack.ts";
import { shown } from "./uri.ts";

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
const order = JSON.parse(await text(process.stdin)) as Order;
if (order.user !== undefined) become(order.user);
process.chdir(order.sandbox);
const log = openSync("stderr", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o644);
writeSync(1, JSON.stringify(await obey(order)));
process.exit(0);

/** Everything of root's is given up: groups, group, user, with the capabilities; there is no way back, which is tried. */
function become({ name, uid, gid }: FetchUser): void {
  if (/^\d+$/.test(name)) process.setgroups!([gid]);
  else (process as unknown as { initgroups(name: string, gid: number): void }).initgroups(name, gid);
  process.setgid!(gid);
  process.setuid!(uid);
  if (uid === 0) return;
  try {
    process.setuid!(0);
  } catch {
    return;
  }
  throw new Error("the process is still root");
}

async function obey(what: Order): Promise<Outcome> {
  if (what.kind === "cache") return fill(what);
  for (const step of what.steps) {
    const failed = await attempt(() => bring(step, what), step.uri);
    if (failed !== undefined) return { failed };
  }
  return {};
}

async function fill(what: Order & { kind: "cache" }): Promise<Outcome> {
  const uri = shown(what.url);
  let outcome: Outcome = {};
  const failed = await attempt(async () => {
    say(`Fetching '${uri}' into the cache`);
    await using into = await open(what.into, O_WRONLY | O_NOFOLLOW);
    outcome = await download({ ...what, into, tell: say });
  }, uri);
  return failed === undefined ? outcome : { failed };
}

async function bring(step: Step, what: Order): Promise<void> {
  for (const note of step.notes) say(note);
  const place = preparePlace(what.sandbox, step.name);
  const isArchive = step.then === "extract" && archiveKind(step.name) !== undefined;
  // An archive from the cache is unpacked where it is.
  if ("cached" in step.from && isArchive) return extract(step, step.from.cached, what);
  await put(step.from, place, what);
  if (step.then === "executable") chmodSync(place, 0o755);
  say(`Fetched '${step.uri}' to '${step.name}'`);
  if (isArchive) await extract(step, place, what);
}

// Under another name until it is whole: nobody meets half a file, and no link in its place is followed.
async function put(from: Step["from"], place: string, what: Order): Promise<void> {
  const temporary = `${place}.fetching-${process.pid}`;
  try {
    if ("path" in from) copyLocal(from.path, temporary);
    else if ("cached" in from) copyLocal(from.cached, temporary);
    else {
      await using into = await open(temporary, "wx", 0o644);
      await download({ ...what, url: from.url, into, tell: say });
    }
    renameSync(temporary, place);
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function extract(step: Step, archive: string, { sandbox }: Order): Promise<void> {
  const members = await unpack(archive, step.name, sandbox, usualBounds(sandbox));
  say(`Unpacked '${step.name}' (${members} ${members === 1 ? "member" : "members"})`);
}

async function attempt(deed: () => Promise<void>, uri: string): Promise<string | undefined> {
  try {
    await deed();
    return undefined;
  } catch (error) {
    const failed = `'${uri}' could not be fetched: ${reasonOf(error)}`;
    say(failed);
    return failed;
  }
}

function say(words: string): void {
  writeSync(log, `${words}\n`);
}
