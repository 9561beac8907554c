import type { Labels } from "@meseta/api/mesos/generated/mesos.ts";

/** `labels` of the wire, absent when there are none. */
export function labelsOf(labels: readonly { readonly key: string; readonly value: string }[]): { labels?: Labels } {
  return labels.length === 0 ? {} : { labels: { labels: labels.map(({ key, value }) => ({ key, value })) } };
}
