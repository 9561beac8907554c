/** How long one turn may work on a big answer before other requests get theirs. */
const SLICE_MS = 5;

/** Runs a long computation that pauses at each `yield`, in slices of a few milliseconds between other work; after each it calls `onPause`. */
export async function inSlices<T>(work: Generator<void, T>, onPause?: () => void): Promise<T> {
  let endMs = performance.now() + SLICE_MS;
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() < endMs) continue;
    onPause?.();
    await new Promise((resolve) => setImmediate(resolve));
    endMs = performance.now() + SLICE_MS;
  }
}

/** The same at once. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
