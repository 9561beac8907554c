import type { Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type { WeightInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import type { Request } from "../lane.ts";
import { gathered, NOTHING, type Subject } from "../subject.ts";

/** The registry of a master: weights of two roles at once, quota of two roles at once (every third write takes it away), and a maintenance schedule of three machines. */
export const masterSubject: Subject = {
  part: "master",
  writers: 64,
  flags: (port) => ["master", "--port", `${port}`],
  listens: "first",
  write: (writer, number) => call(KINDS[kindOf(writer)].write(writer, number)),
  shape: (writer, number) => (number === 0 ? NOTHING : KINDS[kindOf(writer)].shape(number)),
  reads: [call({ type: "GET_WEIGHTS" }), call({ type: "GET_QUOTA" }), call({ type: "GET_MAINTENANCE_SCHEDULE" })],
  found(answers) {
    const [weights, quota, schedule] = answers.map((answer) => JSON.parse(answer) as Answered);
    return gathered([
      ...(weights!.get_weights?.weight_infos ?? []).map(({ role = "", weight }) => piece(role, `${weight}`)),
      ...(quota!.get_quota?.status?.configs ?? []).map(({ role, limits }) => piece(role, `${limits!["cpus"]!.value}`)),
      ...(schedule!.get_maintenance_schedule?.schedule?.windows ?? []).flatMap(({ machine_ids = [], unavailability }) =>
        machine_ids.map(({ hostname = "" }) => piece(hostname, `${unavailability.start.nanoseconds}`)),
      ),
    ]);
  },
};

interface Answered {
  readonly get_weights?: { readonly weight_infos?: readonly WeightInfo[] };
  readonly get_quota?: { readonly status?: { readonly configs?: readonly QuotaConfig[] } };
  readonly get_maintenance_schedule?: { readonly schedule?: Schedule };
}

// There is one schedule, so one writer has it.
function kindOf(writer: number): keyof typeof KINDS {
  return writer === 0 ? "schedule" : writer % 4 === 0 ? "quota" : "weights";
}

const KINDS = {
  weights: {
    write: (writer: number, number: number) => ({
      type: "UPDATE_WEIGHTS",
      update_weights: { weight_infos: ["a", "b"].map((name) => ({ role: `w${writer}-${name}`, weight: number })) },
    }),
    shape: (number: number) => `a=${number} b=${number}`,
  },
  quota: {
    write: (writer: number, number: number) => ({
      type: "UPDATE_QUOTA",
      update_quota: {
        force: true,
        quota_configs: ["a", "b"].map((name) => ({
          role: `w${writer}-${name}`,
          ...(number % 3 !== 0 && { limits: { cpus: { value: number } } }),
        })),
      },
    }),
    shape: (number: number) => (number % 3 === 0 ? NOTHING : `a=${number} b=${number}`),
  },
  schedule: {
    write: (writer: number, number: number) => ({
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: {
        schedule: {
          windows: ["a", "b", "c"].map((name) => ({
            machine_ids: [{ hostname: `w${writer}-${name}` }],
            unavailability: { start: { nanoseconds: number } },
          })),
        },
      },
    }),
    shape: (number: number) => `a=${number} b=${number} c=${number}`,
  },
};

function call(body: unknown): Request {
  return { method: "POST", path: "/api/v1", body };
}

/** `w12-a` is of writer 12. */
function piece(name: string, text: string): readonly [number, string, string] {
  const [writer = "", letter = ""] = name.split("-");
  return [Number(writer.slice(1)), letter, text];
}
