import type { EtcdCall } from "./etcd.ts";

/** What travels on a simulated connection: the parts of HTTP that the cores can tell apart. Bodies are text, as on a wire. */
export type Wire =
  | { readonly kind: "subscribe"; readonly path: string; readonly body: string }
  | {
      readonly kind: "call";
      readonly request: number;
      readonly path: string;
      readonly body: string;
      readonly streamId?: string | undefined;
    }
  | { readonly kind: "answer"; readonly request: number; readonly status: number; readonly text: string }
  /** A standby's request that a leader holds; a client's, that is answered when somebody else leads than `leader`. */
  | { readonly kind: "standby-watch" }
  | { readonly kind: "leader-watch"; readonly leader: string }
  | { readonly kind: "led-by"; readonly leader: string }
  | { readonly kind: "etcd-call"; readonly by: string; readonly request: number; readonly call: EtcdCall }
  | { readonly kind: "etcd-answer"; readonly request: number; readonly answer: unknown }
  | { readonly kind: "etcd-refused"; readonly request: number; readonly status: number; readonly text: string }
  | { readonly kind: "opened"; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly status: number; readonly text: string; readonly location?: string | undefined }
  | { readonly kind: "event"; readonly body: string };
