import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readSeal } from "@meseta/drivers/store/sqlite/seal.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import type { Subject } from "../../kills/subject.ts";
import { cronSubject } from "../../kills/subjects/cron.ts";
import { initSubject } from "../../kills/subjects/init.ts";
import { masterSubject } from "../../kills/subjects/master.ts";
import type { Target } from "../cases.ts";
import type { Files } from "../harm.ts";
import { ask, inFolder, isRefusal, PartLife, refused, storeFiles } from "./life.ts";

const STORE = "store.db";
const WRITES = 3;

/** Real masters, inits and crons on the files of an earlier life, which has ended or was killed. */
export function partTargets(): [name: string, make: () => Promise<Target>][] {
  return [masterSubject, initSubject, cronSubject].flatMap((subject) => {
    const made = Promise.withResolvers<Made>();
    let isMaking = false;
    const of = async (how: keyof Omit<Made, "older">): Promise<Target> => {
      if (!isMaking) made.resolve(make(subject));
      isMaking = true;
      const { older, ...files } = await made.promise;
      return {
        name: nameOf(how),
        files: files[how],
        older: [older],
        read: (harmed) => inFolder(harmed, (dir) => readBy(subject, dir, harmed)),
        isLocated: isRefusal,
      };
    };
    const nameOf = (how: string): string => `${subject.part}, a process, ${how}`;
    return (["ended", "killed"] as const).map((how) => [nameOf(how), () => of(how)]);
  });
}

interface Made {
  readonly older: Files;
  readonly ended: Files;
  readonly killed: Files;
}

/** What two lives have left, of which the second was killed, and a third that had nothing to do. */
function make(subject: Subject): Promise<Made> {
  return inFolder(new Map(), async (dir) => {
    const lives: Files[] = [];
    for (const signal of ["SIGTERM", "SIGKILL", "SIGTERM"] as const) {
      const { life, port } = await begin(subject, dir);
      if (lives.length < 2) await write(subject, port, lives.length);
      if (signal === "SIGKILL") await sealed(join(dir, STORE));
      await life.end(signal);
      lives.push(storeFiles(dir, STORE));
    }
    const [older, killed, ended] = lives as [Files, Files, Files];
    return { older, killed, ended };
  });
}

async function write(subject: Subject, port: number, life: number): Promise<void> {
  for (let number = 1; number <= WRITES; number++)
    for (let writer = 0; writer < subject.writers; writer++) {
      const request = subject.write(writer, life * WRITES + number);
      const answer = await ask(port, request);
      if (answer.status >= 300) throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.body}`);
    }
}

/** The seal says that all is on the disk, as far as a part that runs tells it. */
async function sealed(store: string): Promise<void> {
  const held = (): number | undefined => readSeal(store)?.version;
  for (let before = held(); ; before = held()) {
    await sleep(500);
    if (held() === before && before !== undefined) return;
  }
}

async function begin(subject: Subject, dir: string): Promise<{ life: PartLife; port: number }> {
  for (;;) {
    const [first, second] = [await freePort(), await freePort()];
    const port = subject.listens === "first" ? first : second;
    const life = new PartLife(subject.flags(first, second), dir);
    const isThere = await life.answer(port, subject.reads[0]!);
    // Somebody else may have come first.
    if (isThere !== undefined || !life.text.includes("port-taken")) return { life, port };
  }
}

async function readBy(subject: Subject, dir: string, files: Files): Promise<string> {
  const { life, port } = await begin(subject, dir);
  if (life.code !== undefined) refused(life, dir, STORE, files);
  const answers: string[] = [];
  for (const request of subject.reads)
    answers.push((await life.answer(port, request)) ?? refused(life, dir, STORE, files));
  await life.end("SIGKILL");
  return JSON.stringify([...subject.found(answers)].sort(([a], [b]) => a - b));
}
