// For tests: an agent that only pulls, to be killed. `node mortal-agent.rig.ts DIR NAME`
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { SpawnedPrograms } from "./image.rig.ts";
import { openImages } from "./images.ts";

const [dir, name] = process.argv.slice(2);
const images = await openImages({ dir: dir!, programs: new SpawnedPrograms(), log: silentLog, gc: false, keepFree: 0 });
await images.prepare({ name: name!, cached: true }, "c1", new AbortController().signal);
