/** Puts a label before each line of bytes that come in pieces, and gives on only whole lines; without a label, all at once. */
export function createLinePrefix(label: string, put: (bytes: Uint8Array) => void) {
  let held: Uint8Array = new Uint8Array();
  const emit = (line: Uint8Array): void => put(Buffer.concat([Buffer.from(label), line]));
  return {
    write(bytes: Uint8Array): void {
      if (label === "") return put(bytes);
      let rest: Uint8Array = Buffer.concat([held, bytes]);
      for (let at = rest.indexOf(LINE_FEED); at >= 0; at = rest.indexOf(LINE_FEED)) {
        emit(rest.subarray(0, at + 1));
        rest = rest.subarray(at + 1);
      }
      held = rest;
    },
    /** The last line, closed, when it was not. */
    end(): void {
      if (held.length > 0) emit(Buffer.concat([held, Buffer.of(LINE_FEED)]));
    },
  };
}

const LINE_FEED = 10;
