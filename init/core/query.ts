/** What a client wants to see: one member for each reading endpoint that looks at the state. Ids are absolute paths. Source: Marathon's REST API v2. */
export type Query =
  | { readonly kind: "apps"; readonly filter: AppFilter; readonly embed: readonly string[] }
  | { readonly kind: "app"; readonly id: string; readonly embed: readonly string[] }
  /** `/v2/apps/{group}/*`: the apps below, under the key `*`. */
  | { readonly kind: "apps-below"; readonly id: string; readonly embed: readonly string[] }
  | {
      readonly kind: "app-tasks";
      readonly of: { readonly app: string } | { readonly group: string };
      readonly text?: TextForm;
    }
  | { readonly kind: "app-versions"; readonly id: string }
  | { readonly kind: "app-version"; readonly id: string; readonly version: string }
  | { readonly kind: "tasks"; readonly states: readonly string[]; readonly text?: TextForm }
  | { readonly kind: "group"; readonly id: string; readonly embed: readonly string[] }
  | { readonly kind: "group-apps"; readonly id: string; readonly embed: readonly string[] }
  | { readonly kind: "group-versions"; readonly id: string }
  | { readonly kind: "group-version"; readonly id: string; readonly version: string }
  | { readonly kind: "pods" }
  | { readonly kind: "pod"; readonly id: string }
  | { readonly kind: "pod-statuses" }
  | { readonly kind: "pod-status"; readonly id: string }
  | { readonly kind: "pod-versions"; readonly id: string }
  | { readonly kind: "pod-version"; readonly id: string; readonly version: string }
  | { readonly kind: "deployments" }
  | { readonly kind: "queue"; readonly embed: readonly string[] }
  | { readonly kind: "info" }
  /** Why an app or pod does not (all) run, in sentences; a Meseta addition. */
  | { readonly kind: "explain"; readonly id: string };

/** The lines that old load balancers read. */
export interface TextForm {
  /** The names of container networks, `*` for all: tasks in them are shown at their own addresses also where they have ports of the host. */
  readonly containerNetworks: readonly string[];
}

/** Each that is given must hold. */
export interface AppFilter {
  /** Case-insensitive parts of the command and of the id. */
  readonly cmd?: string | undefined;
  readonly id?: string | undefined;
  /** A label selector, not parsed yet. */
  readonly label?: string | undefined;
}

/** What is shown: pieces of one JSON (or text) document, made as they are asked for. All of them are of the time of the reading, whatever happens since. */
export interface Reading {
  readonly status: number;
  readonly isText?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pieces: Iterable<string>;
}
