import type { RunRecord } from "@meseta/api/metronome/history.ts";
import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { describe, expect, it } from "vitest";
import { render, renderDetails } from "../listing.ts";
import { dryRunLines } from "./dry-run.ts";
import { graphDot, graphLines } from "./job-graph.ts";
import { jobDetails, jobListing, jobLook } from "./jobs.ts";
import { runListing } from "./runs.ts";

const NOW_MS = Date.parse("2026-01-05T10:00:00Z");
const FORM = { form: "table", header: true, width: 160, paint: (text: string) => text };

function job(id: string, more: Partial<MetronomeJobInfo> = {}): MetronomeJobInfo {
  const run = {
    cpus: 0.1,
    mem: 32,
    disk: 0,
    gpus: 0,
    cmd: "date",
    env: {},
    secrets: {},
    artifacts: [],
    volumes: [],
    networks: [],
    placement: { constraints: [] },
    maxLaunchDelay: 3600,
    restart: { policy: "NEVER" as const },
  };
  return { id, labels: {}, dependencies: [], run, ...more };
}

const nightly = {
  id: "default",
  cron: "0 3 * * *",
  timezone: "Europe/Berlin",
  startingDeadlineSeconds: 900,
  concurrencyPolicy: "FORBID" as const,
  enabled: true,
  nextRunAt: "2026-01-06T02:00:00.000+0000",
};

const record: RunRecord = {
  id: "20260105090000abcde",
  jobId: "backup",
  status: "FAILED",
  cause: "schedule",
  dueAt: "2026-01-05T09:00:00.000+0000",
  createdAt: "2026-01-05T09:00:00.000+0000",
  completedAt: "2026-01-05T09:00:03.000+0000",
  message: "its command exited with 2",
  tasks: [
    {
      id: "ct:1767603600000:0:backup:",
      status: "TASK_FAILED",
      agentId: "a1",
      hostname: "node-1",
      launchedAt: "2026-01-05T09:00:00.000+0000",
      startedAt: "2026-01-05T09:00:01.000+0000",
      completedAt: "2026-01-05T09:00:03.000+0000",
    },
  ],
};

describe("jobs for people", () => {
  it("say what they do, or what will start them", () => {
    const active = { id: "r", jobId: "j", createdAt: "", completedAt: null, tasks: [] };
    const words = [
      job("a", { schedules: [nightly] }),
      job("b", { schedules: [{ ...nightly, enabled: false }] }),
      job("c", { dependencies: [{ id: "a" }] }),
      job("d"),
      job("e", { activeRuns: [{ ...active, status: "ACTIVE" }] }),
      job("f", { activeRuns: [{ ...active, status: "STARTING" }] }),
      job("g", { schedules: [{ ...nightly, nextRunAt: undefined as never }] }),
    ].map((each) => jobLook(each).word);
    expect(words).toEqual(["scheduled", "paused", "follows", "by hand", "running", "waiting", "finished"]);
  });

  it("are listed with their next and last runs", () => {
    const summary = {
      successCount: 4,
      failureCount: 1,
      lastSuccessAt: "2026-01-05T08:00:00.000+0000",
      lastFailureAt: "2026-01-05T09:00:00.000+0000",
    };
    const jobs = [
      job("backup", { schedules: [nightly], historySummary: summary }),
      job("report", { dependencies: [{ id: "backup" }] }),
    ];
    expect(render(jobListing(jobs, NOW_MS), jobs, FORM)).toBe(
      [
        "JOB     STATE        SCHEDULE                   NEXT  LAST             OK  FAILED",
        "backup  ● scheduled  0 3 * * * Europe/Berlin  in 16h  ✗ failed 1h ago   4       1",
        "report  ○ follows    after backup                                       0       0",
        "",
      ].join("\n"),
    );
  });

  it("are shown whole, with their last runs", () => {
    const shown = renderDetails(jobDetails(job("backup", { schedules: [nightly] }), [record], NOW_MS), FORM);
    expect(shown).toContain("0 3 * * * Europe/Berlin, one run at a time");
    expect(shown).toContain("in 16h (2026-01-06T02:00:00.000+0000)");
    expect(shown).toContain("20260105090000abcde  ✗ failed");
  });

  it("have runs that say where, how long and why", () => {
    expect(render(runListing([record], NOW_MS), [record], FORM).split("\n")[1]).toBe(
      "20260105090000abcde  ✗ failed  1h ago    2s  schedule      1  node-1  its command exited with 2",
    );
  });
});

describe("the graph of jobs", () => {
  const jobs = [
    job("a"),
    job("b", { dependencies: [{ id: "a" }] }),
    job("c", { dependencies: [{ id: "b" }, { id: "x" }] }),
    job("d", { dependencies: [{ id: "a" }] }),
    job("x"),
    job("alone"),
  ];

  it("is a tree of those that follow, under the first whom they follow", () => {
    expect(graphLines(jobs)).toEqual(["a", "├─ b", "│  └─ c  (and after x)", "└─ d"]);
  });

  it("is a text for Graphviz", () => {
    expect(graphDot(jobs.slice(0, 2))).toBe('digraph {\n  "a"\n  "b"\n  "a" -> "b"\n}\n');
  });

  it("of a long chain takes no stack", () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      job(`j${i}`, i === 0 ? {} : { dependencies: [{ id: `j${i - 1}` }] }),
    );
    expect(graphLines(chain).length).toBe(20_000);
  });
});

describe("a dry run", () => {
  it("tells the firings as clocks of the zone show them", () => {
    const schedule = {
      id: "default",
      words: "every day at 03:00 Europe/Berlin",
      zone: "Europe/Berlin",
      catchUp: "NONE" as const,
    };
    const firings = ["2026-01-06T03:00:00.000+01:00"];
    expect(dryRunLines({ job: {}, schedules: [{ ...schedule, firings }] })).toEqual([
      "every day at 03:00 Europe/Berlin",
      "  2026-01-06  03:00:00+01:00",
    ]);
    expect(dryRunLines({ job: {}, schedules: [{ ...schedule, firings: [] }] })[1]).toBe("  It never runs.");
    expect(dryRunLines({ job: {}, schedules: [] })).toHaveLength(1);
  });
});
