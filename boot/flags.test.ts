import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "@meseta/shell/core/failure.ts";
import { expect, it } from "vitest";
import { type DaemonCommand, helpOf, readSettings } from "./flags.ts";

const command: DaemonCommand = {
  name: "fly",
  summary: "Flies.",
  example: "meseta fly --height 3",
  flags: {
    height: { value: "N", default: "1", help: "How high." },
    loud: { help: "Says so." },
    secret: { help: "Not shown.", hidden: true },
  },
};

it("a flag wins over the environment, which wins over the default", () => {
  expect(readSettings(command, [], {})).toEqual({ height: "1" });
  expect(readSettings(command, [], { MESETA_HEIGHT: "2", XDG_CONFIG_HOME: "/nowhere" })).toEqual({ height: "2" });
  expect(
    readSettings(command, ["--height", "3", "--loud"], { MESETA_HEIGHT: "2", XDG_CONFIG_HOME: "/nowhere" }),
  ).toEqual({
    height: "3",
    loud: "true",
  });
});

function whyOf(argv: readonly string[]): string {
  try {
    readSettings(command, argv, {});
  } catch (error) {
    return (error as Failure).problem.why;
  }
  return "";
}

it("an unknown flag and a missing value are refused with the way to help", () => {
  expect(() => readSettings(command, ["--hight", "3"], {})).toThrow(Failure);
  expect(() => readSettings(command, ["--height"], {})).toThrow(/height/);
  expect(whyOf(["--hight", "3"])).toBe("did you mean --height?");
  expect(whyOf(["--hidden"])).toBe("usage: meseta fly [flags]");
  expect(() => readSettings(command, ["north"], {})).toThrow(Failure);
  expect(() => readSettings(command, ["--height", "-1"], {})).toThrow(
    "--height has no value; one that begins with a dash is written --height=-…",
  );
});

it("help shows each public flag, the default, and an example", () => {
  const help = helpOf(command);
  expect(help).toContain("--height N  How high. (default 1)");
  expect(help).toContain("meseta fly --height 3");
  expect(help).not.toContain("secret");
});

it("a configuration file has settings for all commands and for one", () => {
  const home = mkdtempSync(join(tmpdir(), "meseta-config-"));
  mkdirSync(join(home, "meseta"));
  writeFileSync(join(home, "meseta", "config.yaml"), "height: 4\nfly:\n  loud: true\nswim:\n  height: 9\n");
  expect(readSettings(command, [], { XDG_CONFIG_HOME: home })).toEqual({ height: "4", loud: "true" });
  rmSync(home, { recursive: true });
});
