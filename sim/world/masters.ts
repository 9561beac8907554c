/** Where every master of the simulated cluster listens. */
export const MASTER_PORT = 5050;

/** The masters as agents and frameworks are given them. */
export function masterUrls(places: readonly string[]): string[] {
  return places.map((place) => `http://${place}:${MASTER_PORT}`);
}
