import { gathered, NOTHING, type Subject } from "../subject.ts";

interface Job {
  readonly id: string;
  readonly description: string;
  readonly schedules: readonly { readonly id: string; readonly cron: string }[];
}

/** The jobs of a cron, by Metronome's API: one with two schedules is made, changed twice, and deleted. */
export const cronSubject: Subject = {
  part: "cron",
  writers: 48,
  flags: (port, otherPort) => [
    ...["cron", "--port", `${port}`, "--metronome-port", `${otherPort}`],
    ...["--master", "http://127.0.0.1:1"],
  ],
  listens: "second",
  write(writer, number) {
    const id = `w${writer}`;
    if (number % 4 === 0) return { method: "DELETE", path: `/v1/jobs/${id}` };
    const body = definition(id, number);
    if (number % 4 === 1) return { method: "POST", path: "/v0/scheduled-jobs", body };
    return { method: "PUT", path: `/v0/scheduled-jobs/${id}`, body };
  },
  shape: (_, number) => {
    const minute = number % 60;
    return number % 4 === 0 ? NOTHING : `a=${minute} 0 1 1 * b=${minute} 1 1 1 * job=${number}`;
  },
  reads: [{ method: "GET", path: "/v1/jobs?embed=schedules" }],
  found([answer]) {
    const jobs = JSON.parse(answer!) as readonly Job[];
    return gathered(
      jobs.flatMap(({ id, description, schedules }) => {
        const writer = Number(id.slice(1));
        const all: [number, string, string][] = schedules.map((one) => [writer, one.id, one.cron]);
        return [[writer, "job", description] as const, ...all];
      }),
    );
  },
};

function definition(id: string, number: number): object {
  const schedules = ["a", "b"].map((name, hour) => ({
    id: name,
    cron: `${number % 60} ${hour} 1 1 *`,
    enabled: false,
  }));
  return { id, description: `${number}`, run: { cmd: "true", cpus: 0.1, mem: 32, disk: 0 }, schedules };
}
