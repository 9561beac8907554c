/** What operators read at night. Messages are static; what varies goes into `fields`. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Says nothing; for tests and the simulator. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
