/** Why an image cannot be had. The message is a sentence for people: what, where, and what to do. */
export class ImageFailed extends Error {
  override name = "ImageFailed";
  /** Another attempt may help: the line was cut, the server is busy. */
  readonly passing: boolean;
  /** Another attempt may help, but not now: others are to have this place meanwhile. */
  readonly slow: boolean;
  /** For how many failures it counts before there is no further attempt. */
  readonly weight: number;
  /** When the server asked to be left alone for so long. */
  readonly afterMs: number | undefined;

  constructor(
    message: string,
    options: { passing?: boolean; slow?: boolean; weight?: number; afterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.passing = options.passing ?? false;
    this.slow = options.slow ?? false;
    this.weight = options.weight ?? 1;
    this.afterMs = options.afterMs;
  }
}

/** The sentence of whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
