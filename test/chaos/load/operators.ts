// Operators who set weights and quota at the master, each its own keys, one value after the other.
import { setTimeout as wait } from "node:timers/promises";
import type { History } from "../history.ts";
import { urlsOf } from "../parts.ts";
import { Caller, type Request } from "./caller.ts";
import { noted } from "./writer.ts";

const PATIENCE_MS = 10_000;
const PAUSE_MS = 150;
/** Something that operators set by role; the value is a whole number. */
interface Subject {
  readonly name: string;
  request(role: string, value: number): Request;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: "weight",
    request: (role, weight) => ({ method: "PUT", path: "/weights", body: [{ role, weight }] }),
  },
  {
    name: "quota",
    request: (role, value) => ({
      method: "POST",
      path: "/api/v1",
      body: {
        type: "UPDATE_QUOTA",
        update_quota: { quota_configs: [{ role, limits: { cpus: { value } } }], force: true },
      },
    }),
  },
];

/** Two of each subject; they stop with `signal`. */
export async function operate(history: History, signal: AbortSignal): Promise<void> {
  const operators = SUBJECTS.flatMap((subject) => [1, 2].map((number) => ({ subject, number })));
  await Promise.all(operators.map(({ subject, number }) => operator(history, subject, number, signal)));
}

async function operator(history: History, subject: Subject, number: number, signal: AbortSignal): Promise<void> {
  const caller = new Caller(urlsOf("master"), PATIENCE_MS);
  for (let role = 1; !signal.aborted; role++) await writeRole(`o${number}-${role}`);
  caller.close();

  // Until nobody knows how a write ended: then there is no order among it and the next, and another role's turn.
  async function writeRole(role: string): Promise<void> {
    for (let value = 2; !signal.aborted; value++) {
      const { name, request } = subject;
      const write = () => caller.change(request(role, value));
      if ((await noted(history, `${name}/${role}`, String(value), write)) === "unknown") return;
      await wait(PAUSE_MS);
    }
  }
}
