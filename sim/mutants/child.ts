// One process of `npm run sim:mutants`: plants a bug, or none, and lives through the histories that it is sent, one at a time.
import { enableCompileCache, flushCompileCache, registerHooks } from "node:module";
import { MUTANTS } from "./all.ts";
import type { HistoryKind, Mutant } from "./mutant.ts";
import { planted } from "./mutant.ts";

/** What the parent asks for. */
export interface Wanted {
  readonly kind: HistoryKind;
  readonly seed: number;
}

/** What became of it: the violation, if there was one. */
export interface Noticed {
  readonly violation?: string | undefined;
}

// Most of the source is as it was for the process before.
enableCompileCache();
const id = process.argv[2];
if (id !== undefined) plant(MUTANTS.find((mutant) => mutant.id === id)!);
// The product is loaded from here on.
const { liveThrough } = await import("./history.ts");
// The process will be killed.
flushCompileCache();

process.on("message", ({ kind, seed }: Wanted) => {
  liveThrough(kind, seed).then(
    () => process.send!({}),
    (error: Error) => process.send!({ violation: error.message }),
  );
});
process.on("disconnect", () => process.exit());
process.send!({});

function plant(bug: Mutant): void {
  const url = new URL(`../../${bug.file}`, import.meta.url).href;
  registerHooks({
    load(asked, context, next) {
      const loaded = next(asked, context);
      return asked === url ? { ...loaded, source: planted(String(loaded.source), bug) } : loaded;
    },
  });
}
