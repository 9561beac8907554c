/** What a client asks to be changed: one member for each writing endpoint of both APIs. Bodies are parsed JSON and not looked into yet. Source: Chronos' and Metronome's REST APIs. */
export type Call = ChronosCall | MetronomeCall;

export type ChronosCall =
  /** POST /iso8601 and /dependency: made, or replaced by name. `mustExist` is the PUT of 2.x. */
  | (DryRun & {
      readonly kind: "chronos-put";
      readonly isDependent: boolean;
      readonly body: unknown;
      readonly mustExist?: true;
    })
  | { readonly kind: "chronos-delete"; readonly name: string }
  /** A run now; `arguments` are text behind the command, for this run. */
  | { readonly kind: "chronos-run"; readonly name: string; readonly arguments: string }
  /** Counts as a success that nothing ran for. */
  | { readonly kind: "chronos-success"; readonly name: string }
  | { readonly kind: "chronos-kill"; readonly name: string }
  | { readonly kind: "chronos-progress"; readonly name: string; readonly task: string; readonly body: unknown }
  /** PUT /task/{id} of 2.x: the end of an asynchronous job, told by itself. */
  | { readonly kind: "chronos-complete"; readonly task: string; readonly body: unknown };

export type MetronomeCall =
  /** `isWhole`: of /v0/scheduled-jobs, whose body brings the schedules. */
  | (DryRun & { readonly kind: "create-job"; readonly isWhole: boolean; readonly body: unknown })
  | (DryRun & { readonly kind: "update-job"; readonly id: string; readonly isWhole: boolean; readonly body: unknown })
  | { readonly kind: "delete-job"; readonly id: string; readonly stopCurrentJobRuns: boolean }
  | (DryRun & { readonly kind: "create-schedule"; readonly job: string; readonly body: unknown })
  | (DryRun & {
      readonly kind: "update-schedule";
      readonly job: string;
      readonly schedule: string;
      readonly body: unknown;
    })
  | { readonly kind: "delete-schedule"; readonly job: string; readonly schedule: string }
  /** `body` may be absent; `{"arguments": "…"}` are as in Chronos, a Meseta extension. */
  | { readonly kind: "start-run"; readonly job: string; readonly body: unknown }
  | { readonly kind: "stop-run"; readonly job: string; readonly run: string }
  /** POST /v1/jobs/{id}/actions/pause and /resume, a Meseta extension: whether anything but a hand starts it. */
  | { readonly kind: "pause-job"; readonly id: string; readonly isPaused: boolean };

interface DryRun {
  /** Answers with the job as it would be and its next ten firings (DryRun of api/metronome/history.ts), and changes nothing. */
  readonly dryRun?: true;
}
