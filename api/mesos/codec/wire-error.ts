/**
 * What a peer sent cannot be read. `kind` says what failed: the JSON text itself, its shape against the message, or the
 * protobuf bytes; the message names the field or the place, in Mesos' own words where they are known.
 */
export class WireError extends Error {
  readonly kind: "syntax" | "shape" | "protobuf";

  constructor(kind: "syntax" | "shape" | "protobuf", message: string) {
    super(message);
    this.name = "WireError";
    this.kind = kind;
  }
}
