import { find } from "../core/explain/find.ts";
import { pageOf } from "../core/explain/page.ts";
import { Failure } from "../core/failure.ts";
import { renderDetails } from "../core/listing.ts";
import type { Invocation } from "../invocation.ts";

const BEGINNINGS = `Say what to explain: a message or field of the API.
  frameworks   FrameworkInfo  Offer  TaskInfo  TaskStatus  TaskState  scheduler.Call  scheduler.Event
  executors    ExecutorInfo  executor.Call  executor.Event
  operators    master.Call  agent.Call  quota.QuotaConfig  maintenance.Schedule
  parts        Resource  CommandInfo  ContainerInfo  HealthCheck  Volume
`;

export async function run({ args, flags, terminal }: Invocation): Promise<number> {
  const name = args["what"];
  if (typeof name !== "string") {
    terminal.out(BEGINNINGS);
    return 0;
  }
  const search = find(name);
  if ("several" in search)
    throw new Failure("usage", {
      message: `${name} stands in several APIs`,
      why: `${search.several.join(", ")}`,
      help: `meseta explain ${search.several[0]}`,
    });
  if ("near" in search) {
    const why = search.near === "" ? "`meseta explain` lists where to begin" : `did you mean ${search.near}?`;
    throw new Failure("not-in-api", { name, why });
  }
  const form = flags.on("json") ? "json" : (flags.text("output") ?? "table");
  const { width, paint } = terminal;
  terminal.out(renderDetails(pageOf(search.found), { form, header: true, width, paint }));
  return 0;
}
