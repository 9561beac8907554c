import type { App } from "@meseta/api/marathon/app.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { safePath } from "../definition/instance-id.ts";
import { servicePortsOf } from "../definition/service-ports.ts";
import type { Instance } from "../instance/instance.ts";
import type { Reading, TextForm } from "../query.ts";
import { isOnHost } from "../task/ports.ts";
import type { Seen } from "./seen.ts";
import { addressesOf, taskOf } from "./task.ts";

/** One line for each port of each app: its name, the service port, and where its running tasks serve it, with tabs between. What load balancers of old read. */
export function endpoints(apps: Iterable<App>, form: TextForm, { services }: Seen): Reading {
  const pieces = new Pieces();
  for (const app of apps) {
    const running = [...(services.get(app.id)?.instances.values() ?? [])].filter(
      ({ condition }) => condition === "Running",
    );
    pieces.add(linesOf(app, running, form));
  }
  return { ...pieces.reading(), isText: true };
}

function linesOf(app: App, running: readonly Instance[], form: TextForm): string {
  const name = safePath(app.id);
  const ports = servicePortsOf(app);
  if (ports.length === 0) return `${[name, " ", ...running.map(({ host }) => host?.hostname ?? "")].join("\t")}\n`;
  return ports
    .map((port, i) => `${[name, port, ...running.map((instance) => addressOf(app, instance, i, form))].join("\t")}\n`)
    .join("");
}

// A port without one of the host is reached in the container's own network.
function addressOf(app: App, instance: Instance, index: number, form: TextForm): string {
  const hostPort = isInOneOf(app, form) ? undefined : instance.hostPorts?.[index];
  const inside = isOnHost(app.networks) ? undefined : app.container?.portMappings[index]?.containerPort;
  const address = addressesOf(taskOf(instance).status)[0]?.ipAddress;
  if (typeof hostPort !== "number" && inside !== undefined && address !== undefined) return `${address}:${inside}`;
  return `${instance.host?.hostname ?? ""}:${instance.hostPorts?.[index] ?? 0}`;
}

function isInOneOf({ networks }: App, { containerNetworks: wanted }: TextForm): boolean {
  return networks.some(
    (network) => network.mode === "container" && (wanted.includes("*") || wanted.includes(network.name ?? "")),
  );
}
