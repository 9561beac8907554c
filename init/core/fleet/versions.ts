import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";

/** Keeps a definition that is not the present one any more: instances may run with it, and somebody may want it back. */
export function keepVersion(state: InitState, spec: RunSpec, out: InitOut): void {
  const versions = state.olderSpecs.get(spec.id) ?? new Map<string, RunSpec>();
  state.olderSpecs.set(spec.id, versions.set(spec.version, spec));
  out.save(oldSpecKey(spec.id, spec.version), spec);
}

/** Forgets the old definitions of this id that neither the history nor an instance nor a running deployment names. */
export function forgetVersions(state: InitState, id: string, out: InitOut): void {
  const versions = state.olderSpecs.get(id);
  if (versions === undefined) return;
  const inHistory = new Set(state.history.map(({ specs }) => specs[id]));
  const left = [...versions.keys()].filter((version) => !inHistory.has(version));
  if (left.length === 0) return;
  const named = new Set([...(state.services.get(id)?.instances.values() ?? [])].map(({ version }) => version));
  for (const version of state.deployments.versionsOf(id)) named.add(version);
  for (const version of left) if (!named.has(version)) forget(state, id, version, out);
}

function forget(state: InitState, id: string, version: string, out: InitOut): void {
  const versions = state.olderSpecs.get(id)!;
  versions.delete(version);
  if (versions.size === 0) state.olderSpecs.delete(id);
  out.erase(oldSpecKey(id, version));
}

function oldSpecKey(id: string, version: string): string {
  return `old-spec/${id}@${version}`;
}
