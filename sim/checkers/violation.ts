/** A promise of the kernel that was broken; the message names the invariant, what broke it, and where. */
export class Violation extends Error {
  override name = "Violation";
}
