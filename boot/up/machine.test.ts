import fc from "fast-check";
import { expect, it } from "vitest";
import { detectMachine, shareOf } from "./machine.ts";

const machine = { cpus: 4, memMiB: 8000, diskMiB: 100_000, ports: { begin: 31000, end: 32000 } };

it("three agents get equal parts and disjoint ports", () => {
  expect([0, 1, 2].map((index) => shareOf(machine, index, 3))).toEqual([
    "cpus:1.333;mem:2666;disk:33333;ports:[31000-31332]",
    "cpus:1.333;mem:2666;disk:33333;ports:[31333-31666]",
    "cpus:1.333;mem:2666;disk:33333;ports:[31667-32000]",
  ]);
});

it("the parts never add up to more than the machine, and together hold every port", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 256 }), (count, cpus) => {
      const shares = Array.from({ length: count }, (_, index) => shareOf({ ...machine, cpus }, index, count));
      const sum = shares.reduce((total, share) => total + Number(/cpus:([\d.]+)/.exec(share)![1]), 0);
      const ports = shares.map((share) => /\[(\d+)-(\d+)\]/.exec(share)!.slice(1).map(Number));
      expect(sum).toBeLessThanOrEqual(cpus + 1e-9);
      expect(ports[0]![0]).toBe(31000);
      expect(ports.at(-1)![1]).toBe(32000);
      for (let i = 1; i < count; i++) expect(ports[i]![0]).toBe(ports[i - 1]![1]! + 1);
    }),
  );
});

it("this machine has something to give", () => {
  const { cpus, memMiB, diskMiB } = detectMachine("/");
  expect(Math.min(cpus, memMiB, diskMiB)).toBeGreaterThan(0);
});
