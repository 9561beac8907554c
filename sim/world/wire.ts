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
  | { readonly kind: "opened"; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly status: number; readonly text: string }
  | { readonly kind: "event"; readonly body: string };
