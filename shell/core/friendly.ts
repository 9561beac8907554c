import type { Random } from "@meseta/lib/core/random.ts";

const QUALITIES =
  "amber brave brisk calm clever cosy daring eager early fair fleet fond gentle glad golden happy honest jolly keen kind late lively lucky merry mild neat noble patient plain proud quick quiet ready round shiny silver sleek smart snug solid spry steady still sunny swift tidy warm wise witty young";
const ANIMALS =
  "adder badger bat bear beaver bee bison buck cat crane crow deer dove duck eagle eel elk falcon finch fox frog goat goose hare hawk heron ibex jay kite lark lynx magpie mole moose moth newt otter owl perch pike pony quail raven robin seal shrew snail stork swan swift tern toad trout wolf wren";

const qualities = QUALITIES.split(" ");
const animals = ANIMALS.split(" ");

/** A name that people can say and remember: "brave-otter". About 2,800 of them; the caller makes sure of uniqueness. */
function friendlyName(random: Random): string {
  return `${qualities[random.below(qualities.length)]}-${animals[random.below(animals.length)]}`;
}

/** So many different ones. */
export function friendlyNames(random: Random, count: number): string[] {
  const names = new Set<string>();
  for (let tries = 0; names.size < count; tries++)
    names.add(friendlyName(random) + (tries > 4 * count ? `-${tries}` : ""));
  return [...names];
}
