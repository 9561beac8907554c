import type { App } from "@meseta/api/marathon/app.ts";
import type { PortDefinition, PortMapping } from "@meseta/api/marathon/network.ts";
import type { AppDraft } from "./app-defaults.ts";
import type { Settings } from "./settings.ts";

type Ported = Pick<AppDraft, "container" | "portDefinitions" | "networks">;

/** Such as a set of them. */
interface Taken {
  has(port: number): boolean;
  add(port: number): void;
}

/** The service ports of an app, in order. 0 is one that is not yet given. */
export function servicePortsOf({
  portDefinitions,
  container,
}: Pick<AppDraft, "container" | "portDefinitions">): number[] {
  const mappings = container?.portMappings ?? [];
  return mappings.length > 0 ? mappings.map(({ servicePort }) => servicePort) : portDefinitions.map(({ port }) => port);
}

/**
 * The app with a number for each service port that is 0: first those that `old`, the same app before, has and no longer names; then the lowest that are
 * free. `taken` are the ports of all other apps; those given are added to it. Undefined: none is left.
 */
export function withServicePorts<T extends Ported>(
  app: T,
  old: App | undefined,
  taken: Taken,
  { servicePorts }: Settings,
): T | undefined {
  const named = new Set(servicePortsOf(app));
  const reusable = (old ? servicePortsOf(old) : []).filter((port) => port !== 0 && !named.has(port));
  const given = servicePortsOf(app).map((port) => port || (reusable.shift() ?? freePort(taken, named, servicePorts)));
  if (given.includes(undefined)) return undefined;
  for (const port of given) taken.add(port!);
  return withPorts(app, given as number[]);
}

function freePort(taken: Taken, named: Set<number>, { min, max }: Settings["servicePorts"]): number | undefined {
  for (let port = min; port <= max; port++) {
    if (taken.has(port) || named.has(port)) continue;
    named.add(port);
    return port;
  }
  return undefined;
}

function withPorts<T extends Ported>(app: T, ports: readonly number[]): T {
  const { container, portDefinitions } = app;
  if (!container?.portMappings.length) {
    return {
      ...app,
      portDefinitions: portDefinitions.map((port, i): PortDefinition => ({ ...port, port: ports[i]! })),
    };
  }
  const portMappings = container.portMappings.map((port, i): PortMapping => ({ ...port, servicePort: ports[i]! }));
  return { ...app, container: { ...container, portMappings } };
}
