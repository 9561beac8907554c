import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { AgentEvent, Wake } from "../../core/agent/event.ts";
import type { AgentEffect } from "../../core/agent/out.ts";
import type { DestroyedVolume, Probes, Sandboxes } from "../../core/agent/outside.ts";
import type { Containers } from "../../core/agent/ports.ts";
import { type Requests, toHttp } from "../requests.ts";
import type { Fetches } from "./fetches.ts";
import type { Launches } from "./launches.ts";
import type { LinkClient } from "./link-client.ts";
import type { ExecutorStreams } from "./streams.ts";

/** What the deeds need. */
export interface World {
  readonly requests: Requests;
  readonly streams: ExecutorStreams;
  readonly link: LinkClient;
  readonly containers: Containers;
  readonly sandboxes: Sandboxes;
  readonly probes: Probes;
  readonly launches: Launches;
  readonly fetches: Fetches;
  readonly log: Log;
  post(event: AgentEvent): void;
  wake(atMs: number, wake: Wake): void;
  exit(reason: string): void;
}

/** The only place where the agent's decisions become deeds. Nothing is waited for: what comes of it comes back as events. */
export function carryOut(effect: AgentEffect, world: World): void {
  switch (effect.type) {
    case "answer":
      return world.requests.answer(effect.request, effect.answer);
    case "open":
      return world.streams.open(effect.stream);
    case "refuse-stream":
      return world.streams.refuse(effect.stream, toHttp(effect.answer, "application/json"));
    case "send-executor":
      return world.streams.send(effect.stream, effect.event);
    case "close":
      return world.streams.close(effect.stream);
    case "connect":
      return world.link.connect(effect.link, effect.agentId, effect.epoch, effect.subscribe);
    case "tell":
      return world.link.tell(effect.link, effect.message);
    case "unsubscribe":
      return world.link.unsubscribe(effect.link);
    case "disconnect":
      return world.link.disconnect(effect.link);
    case "fetch":
      return world.fetches.fetch(effect.id, effect.sandbox, effect.uris);
    case "stop-fetch":
      return world.fetches.stop(effect.id);
    case "launch":
      return world.launches.launch(effect.sandbox, effect.container);
    case "signal":
      return world.containers.signal(effect.id, effect.signal, effect.to);
    case "destroy":
      return world.launches.destroy(effect.id);
    case "limit":
      return world.containers.update(effect.id, effect.limits);
    case "forget":
      return world.containers.forget(effect.id);
    case "probe":
      return world.probes.probe(effect.target, effect.timeoutMs, (result) =>
        world.post({ type: "probed", probe: effect.probe, result }),
      );
    case "remove":
      return removeTree(effect.id, effect.path, world);
    case "move-volume":
      return moveVolume(effect, world);
    case "empty-trash":
      return emptyTrash(effect, world);
    case "make-volume":
      return void world.sandboxes
        .makeVolume(effect.path)
        .catch((error: Error) => warn(world, "a volume's folder could not be made", error));
    case "prune-images":
      return pruneImages(effect.request, effect.excluded, world);
    case "measure-disk":
      return void world.sandboxes.diskUsage().then(
        (used) => world.post({ type: "disk-usage", used }),
        () => world.post({ type: "disk-usage", used: 0 }),
      );
    case "wake":
      return world.wake(effect.atMs, effect.wake);
    case "log":
      return world.log[effect.level](effect.message, effect.fields);
    case "exit":
      return world.exit(effect.reason);
  }
}

function removeTree(id: string, path: string, world: World): void {
  world.sandboxes.remove(path).then(
    () => world.post({ type: "removed", id, error: undefined }),
    (error: Error) => world.post({ type: "removed", id, error: error.message }),
  );
}

function pruneImages(request: number, excluded: readonly string[], world: World): void {
  world.containers.pruneImages(excluded).then(
    () => world.post({ type: "images-pruned", request, error: undefined }),
    (error: Error) => world.post({ type: "images-pruned", request, error: error.message }),
  );
}

// A volume that cannot be moved now is moved at the next start; until then its data is where it was.
function moveVolume(volume: DestroyedVolume, world: World): void {
  attempt(world, "a destroyed volume could not be moved aside", () => {
    world.sandboxes.moveVolume(volume);
    world.post({ type: "volume-moved", trash: volume.trash });
  });
}

function emptyTrash(volume: DestroyedVolume, world: World): void {
  world.sandboxes.emptyTrash(volume).then(
    () => world.post({ type: "trash-emptied", trash: volume.trash }),
    (error: Error) => warn(world, "a destroyed volume could not be removed", error),
  );
}

function attempt(world: World, sentence: string, deed: () => void): void {
  try {
    deed();
  } catch (error) {
    warn(world, sentence, error as Error);
  }
}

function warn(world: World, sentence: string, error: Error): void {
  world.log.warn(sentence, { error: error.message });
}
