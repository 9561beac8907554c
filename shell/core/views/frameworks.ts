import type { ResponseGetFrameworks, ResponseGetFrameworksFramework } from "@meseta/api/mesos/generated/master.ts";
import { decimal, mebibytes } from "../amounts.ts";
import type { Details, Listing } from "../listing.ts";
import { lastPart, type Named, shorten } from "../name.ts";
import { amount, listResources } from "../quantity.ts";
import { iso, since, span } from "../since.ts";
import { showFramework, shown } from "../state.ts";

export type Framework = ResponseGetFrameworksFramework & { readonly completed?: true };

export function frameworksOf(answer: ResponseGetFrameworks, withEnded: boolean): Framework[] {
  const ended = (answer.completed_frameworks ?? []).map((each): Framework => ({ ...each, completed: true }));
  return [...(answer.frameworks ?? []), ...(withEnded ? ended : [])];
}

export function frameworkId(framework: Framework): string {
  return framework.framework_info.id?.value ?? "";
}

export function namedFrameworks(frameworks: readonly Framework[]): Named<Framework>[] {
  return frameworks.map((item) => ({ item, id: frameworkId(item), names: [item.framework_info.name] }));
}

function rolesOf(framework: Framework): readonly string[] {
  const { roles, role, capabilities } = framework.framework_info;
  const isMulti = capabilities?.some(({ type }) => type === "MULTI_ROLE") ?? false;
  return isMulti || roles?.length ? (roles ?? []) : [role ?? "*"];
}

export function frameworkListing(frameworks: readonly Framework[], nowMs: number): Listing<Framework> {
  const short = shorten(frameworks.map(frameworkId));
  const allocated = (name: string) => (framework: Framework) => amount(framework.allocated_resources, name);
  return {
    items: frameworks,
    name: frameworkId,
    none: "No frameworks. One comes with: meseta run 'sleep 60'",
    columns: [
      { title: "FRAMEWORK", text: (framework) => short(frameworkId(framework)) },
      { title: "NAME", text: (framework) => framework.framework_info.name },
      { title: "STATE", text: (framework) => shown(lookOf(framework)), tone: (framework) => lookOf(framework).tone },
      { title: "ROLES", text: (framework) => rolesOf(framework).join(",") },
      { title: "CPUS", right: true, text: (each) => decimal(allocated("cpus")(each)), key: allocated("cpus") },
      { title: "MEM", right: true, text: (each) => mebibytes(allocated("mem")(each)), key: allocated("mem") },
      {
        title: "OFFERS",
        right: true,
        text: (each) => `${each.offers?.length ?? 0}`,
        key: (each) => each.offers?.length ?? 0,
      },
      { title: "USER", text: (framework) => framework.framework_info.user, wide: true },
      { title: "PRINCIPAL", text: (framework) => framework.framework_info.principal ?? "", wide: true },
      { title: "CAPABILITIES", text: capabilities, wide: true },
      { title: "AGE", right: true, text: (each) => since(startMs(each), nowMs), key: (each) => -(startMs(each) ?? 0) },
      { title: "ID", text: frameworkId, wide: true },
    ],
  };
}

function lookOf(framework: Framework) {
  return showFramework({ ...framework, completed: framework.completed ?? false });
}

function startMs(framework: Framework): number | undefined {
  const nanoseconds = framework.registered_time?.nanoseconds;
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6;
}

function capabilities(framework: Framework): string {
  return (framework.framework_info.capabilities ?? [])
    .map(({ type }) => (type ?? "").toLowerCase().replaceAll("_", "-"))
    .join(",");
}

export function frameworkDetails(framework: Framework, parts: NonNullable<Details["parts"]>): Details {
  const info = framework.framework_info;
  const started = startMs(framework);
  return {
    item: framework,
    name: frameworkId(framework),
    lines: [
      ["Framework", lastPart(frameworkId(framework)), "strong"],
      ["Id", frameworkId(framework)],
      ["Name", info.name],
      ["State", shown(lookOf(framework)), lookOf(framework).tone],
      ["Roles", rolesOf(framework).join(", ")],
      ["User", info.user],
      ["Principal", info.principal],
      ["Host", info.hostname],
      ["Web page", info.webui_url],
      ["Capabilities", capabilities(framework).replaceAll(",", ", ")],
      ["Checkpoint", info.checkpoint ? "yes" : "no"],
      ["Failover", `its tasks end ${span((info.failover_timeout ?? 0) * 1000)} after it is gone`],
      ["Since", started === undefined ? undefined : iso(Math.round(started))],
      ["In use", listResources(framework.allocated_resources)],
      ["Offered", listResources(framework.offered_resources)],
    ],
    parts,
  };
}
