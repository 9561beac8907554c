import type { App } from "@meseta/api/marathon/app.ts";
import { safePath } from "../definition/instance-id.ts";
import { servicePortsOf } from "../definition/service-ports.ts";
import type { Instance } from "../instance/instance.ts";
import type { Reading } from "../query.ts";
import { isOnHost } from "../task/ports.ts";
import { Pieces } from "./reading.ts";
import type { Seen } from "./seen.ts";
import { addressesOf, taskOf } from "./task.ts";

/** One line for each port of each app: its name, the service port, and where its running tasks serve it, with tabs between. What load balancers of old read. */
export function endpoints(apps: Iterable<App>, { services }: Seen): Reading {
  const pieces = new Pieces();
  for (const app of apps) {
    const running = [...(services.get(app.id)?.instances.values() ?? [])].filter(
      ({ condition }) => condition === "Running",
    );
    pieces.add(linesOf(app, running));
  }
  return { ...pieces.reading(), isText: true };
}

function linesOf(app: App, running: readonly Instance[]): string {
  const name = safePath(app.id);
  const ports = servicePortsOf(app);
  if (ports.length === 0) return `${[name, " ", ...running.map(({ host }) => host?.hostname ?? "")].join("\t")}\n`;
  return ports
    .map((port, i) => `${[name, port, ...running.map((instance) => addressOf(app, instance, i))].join("\t")}\n`)
    .join("");
}

// A port without one of the host is reached in the container's own network.
function addressOf(app: App, instance: Instance, index: number): string {
  const hostPort = instance.hostPorts?.[index];
  const inside = isOnHost(app.networks) ? undefined : app.container?.portMappings[index]?.containerPort;
  const address = addressesOf(taskOf(instance).status)[0]?.ipAddress;
  if (typeof hostPort !== "number" && inside !== undefined && address !== undefined) return `${address}:${inside}`;
  return `${instance.host?.hostname ?? ""}:${hostPort ?? 0}`;
}
