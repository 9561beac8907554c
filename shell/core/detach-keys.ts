const CTRL_P = 0x10;
const CTRL_Q = 0x11;

/**
 * Watches what is typed for Ctrl-P Ctrl-Q, by which one leaves a container that goes on. A Ctrl-P is held back until it is clear what
 * follows; nothing after the two is passed on.
 */
export function createDetachKeys(): (typed: Uint8Array) => { readonly pass: Uint8Array; readonly detached: boolean } {
  let isHeld = false;
  return (typed) => {
    const pass: number[] = [];
    for (const byte of typed) {
      if (isHeld && byte === CTRL_Q) return { pass: Uint8Array.from(pass), detached: true };
      if (isHeld) pass.push(CTRL_P);
      isHeld = byte === CTRL_P;
      if (!isHeld) pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  };
}
