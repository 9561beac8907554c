import fc from "fast-check";

/** Bodies of requests that nobody means, for tests: JSON of any shape, with the words of an API in it, so that it gets further than its first field. */
export function garbageOf(words: readonly string[]) {
  const word = fc.constantFrom(...words);
  const leaf = fc.oneof(word, fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
  const { body } = fc.letrec<{ body: unknown }>((tie) => ({
    body: fc.oneof(
      { maxDepth: 5, depthSize: "large" },
      leaf,
      fc.array(tie("body"), { maxLength: 4 }),
      fc.dictionary(word, tie("body"), { maxKeys: 6 }),
    ),
  }));
  return { word, body };
}
