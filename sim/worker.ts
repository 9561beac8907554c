// A process that plays histories for `--jobs`: told a seed, it tells what came of it, until nobody is left to tell.
import { type Choice, playSeed } from "./played.ts";

process.on("message", ({ seed, choice }: { seed: number; choice: Choice }) => {
  void playSeed(seed, choice).then((played) => process.send?.({ seed, played }));
});
process.on("disconnect", () => process.exit(0));
// Of Ctrl-C at the terminal, who has started this process sees to it.
process.on("SIGINT", () => {});
