import type { IncomingMessage } from "node:http";

/** What a sender must bring: so many bytes in each window of time. 0 bytes: whatever it brings is enough. */
export interface LeastRate {
  readonly bytes: number;
  readonly windowMs: number;
}

/**
 * The body, as long as it comes fast enough: after a window in which too little came it is destroyed with what `tooSlow` makes of the
 * bytes that did come. A reader that is slow itself is no fault of the sender's: what waits to be read counts as come.
 */
export async function* paced(
  body: IncomingMessage,
  least: LeastRate,
  tooSlow: (bytes: number) => Error,
): AsyncGenerator<Buffer> {
  let came = 0;
  const look = () => {
    const bytes = came + body.readableLength;
    if (bytes < least.bytes) body.destroy(tooSlow(bytes));
    came = 0;
  };
  const timer = least.bytes > 0 ? setInterval(look, least.windowMs) : undefined;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      came += part.length;
      yield part;
    }
  } finally {
    clearInterval(timer);
  }
}

/** How a sender that is too slow is told to people, its name left out: "sent 12 bytes in 60 s, and at least 61440 are wanted; …". */
export function slowness(bytes: number, { bytes: wanted, windowMs }: LeastRate): string {
  return `sent ${bytes} ${bytes === 1 ? "byte" : "bytes"} in ${windowMs / 1000} s, and at least ${wanted} are wanted; have it from a faster server, or start the agent with a lower --download-least-rate`;
}
