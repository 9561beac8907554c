import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { reservationRole } from "@meseta/api/mesos/resources/identity.ts";
import { persistentVolumes } from "@meseta/api/mesos/resources/select.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";

/** What a task or an executor may hold: valid resources of one role, each persistent volume once, none both revocable and not. */
export function validateHeld(holder: "Task" | "Executor", resources: readonly Resource[]): Refusal | undefined {
  return (
    validateResources(resources) ??
    validateOneRole(holder, resources) ??
    validateVolumes(holder, resources) ??
    validateNoMix(holder, resources)
  );
}

function validateOneRole(holder: string, resources: readonly Resource[]): Refusal | undefined {
  const roles = new Set(resources.map(({ allocation_info }) => allocation_info?.role));
  if (roles.size <= 1 && !roles.has(undefined)) return undefined;
  if (roles.has(undefined)) return refuse(`${holder} uses resources that are not allocated to a role`);
  return refuse(`${holder} uses resources that are allocated to several roles: ${[...roles].join(", ")}`);
}

function validateVolumes(holder: string, resources: readonly Resource[]): Refusal | undefined {
  const seen = new Set<string>();
  return firstRefusal(persistentVolumes(resources), (volume) => {
    const id = volume.disk!.persistence!.id;
    const key = `${reservationRole(volume)}\n${id}`;
    if (seen.has(key)) return refuse(`${holder} uses the persistence ID '${id}' more than once`);
    seen.add(key);
    return undefined;
  });
}

function validateNoMix(holder: string, resources: readonly Resource[]): Refusal | undefined {
  const revocable = new Set(resources.filter((one) => one.revocable !== undefined).map(({ name }) => name));
  const mixed = resources.find((one) => one.revocable === undefined && revocable.has(one.name));
  return mixed && refuse(`${holder} uses both revocable and non-revocable '${mixed.name}'`);
}
