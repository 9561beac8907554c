import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";

/** What a client asks to be changed: one member for each writing endpoint. Bodies are parsed JSON and not looked into yet; ids are absolute paths. Source: Marathon's REST API v2. */
export type Call =
  | (Forced & { readonly kind: "create-app"; readonly body: unknown })
  /** Of one app (`id`) or of a list in the body; `mustExist` is PATCH. */
  | (Forced & {
      readonly kind: "update-apps";
      readonly id?: string;
      readonly body: unknown;
      readonly isPartial: boolean;
      readonly mustExist: boolean;
    })
  | (Forced & { readonly kind: "delete-app"; readonly id: string })
  | (Forced & { readonly kind: "restart-app"; readonly id: string })
  /** Of an app, of all apps of a group (`/group/*` in the URL), or named; `host` chooses among them, `*` is every host. */
  | (Kill & { readonly kind: "kill-tasks"; readonly of: TasksOf; readonly host?: string })
  | (Forced & { readonly kind: "create-group"; readonly id: string; readonly body: unknown })
  | (Forced & { readonly kind: "update-group"; readonly id: string; readonly body: unknown })
  | { readonly kind: "patch-group"; readonly id: string; readonly body: unknown }
  | (Forced & { readonly kind: "delete-group"; readonly id: string })
  | (Forced & { readonly kind: "create-pod"; readonly body: unknown })
  | (Forced & { readonly kind: "update-pod"; readonly id: string; readonly body: unknown })
  | (Forced & { readonly kind: "delete-pod"; readonly id: string })
  /** `ids` is the body, a list of instance ids, or one of the URL in a list; `isOne` answers with an object. */
  | {
      readonly kind: "kill-instances";
      readonly pod: string;
      readonly ids: unknown;
      readonly isOne: boolean;
      readonly wipe: boolean;
    }
  /** Undoes it; forced, only ends it. */
  | (Forced & { readonly kind: "cancel-deployment"; readonly id: string })
  | { readonly kind: "reset-delay"; readonly id: string };

interface Forced {
  /** Running deployments that are in the way are cancelled. */
  readonly force: boolean;
  /** Answers with the plan, and changes nothing. */
  readonly dryRun?: boolean;
  /** Of a dry run: what init would be offered, each role as if there were no other, so that the answer can say where instances would land. */
  readonly offers?: readonly Offer[] | undefined;
}

interface Kill extends Forced {
  /** The app then has so many instances less. */
  readonly scale: boolean;
  /** What is kept for a resident one is given back. */
  readonly wipe: boolean;
}

export type TasksOf =
  | { readonly app: string }
  | { readonly group: string }
  /** One task of an app, as the URL names it. */
  | { readonly app: string; readonly task: string }
  /** POST /v2/tasks/delete: the body. */
  | { readonly body: unknown };
