import { expect, it } from "vitest";
import { endpointOf, isLoopback, parseRegistrySetting, type RegistrySetting } from "./endpoint.ts";
import { type ImageName, parseReference } from "./reference.ts";

const where = (text: string, registry?: string) =>
  endpointOf(
    parseReference(text) as ImageName & { kind: "registry" },
    registry === undefined ? undefined : (parseRegistrySetting(registry) as RegistrySetting),
  );

it("docker.io is asked at its API's name", () => {
  expect(where("debian")).toEqual({
    origin: "https://registry-1.docker.io",
    repositories: ["library/debian"],
    registry: "docker.io",
  });
});

it("other registries are asked by https, those of this machine by http", () => {
  expect(where("quay.io/app").origin).toBe("https://quay.io");
  expect(where("host:5000/app").origin).toBe("https://host:5000");
  expect(where("localhost:5000/app").origin).toBe("http://localhost:5000");
  expect(where("127.0.0.1:5000/app").origin).toBe("http://127.0.0.1:5000");
  expect(where("[::1]:5000/app").origin).toBe("http://[::1]:5000");
});

it("the setting stands for docker.io, with library/ and without", () => {
  expect(where("debian:12", "http://host:5000")).toEqual({
    origin: "http://host:5000",
    repositories: ["library/debian", "debian"],
    registry: "host:5000",
  });
  expect(where("team/app", "https://host/hub/").repositories).toEqual(["hub/team/app"]);
  expect(where("quay.io/app", "http://host:5000").origin).toBe("https://quay.io");
});

it("a registry that the setting names by http is spoken to so in all names", () => {
  expect(where("Host:5000/app", "http://host:5000").origin).toBe("http://host:5000");
  expect(where("localhost:5000/app", "https://localhost:5000").origin).toBe("https://localhost:5000");
});

it("a setting is an address or a folder", () => {
  expect(parseRegistrySetting("/images")).toEqual({ kind: "folder", path: "/images" });
  for (const bad of ["host:5000", "ftp://host", "http://user:secret@host", "https://host?x", ""])
    expect(parseRegistrySetting(bad)).toEqual({ refusal: expect.stringContaining("is not a registry") });
});

it("only what cannot be another machine is loopback", () => {
  for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:80", "127.1.2.3", "[::1]"])
    expect(isLoopback(host)).toBe(true);
  for (const host of ["localhost.example", "127.0.0.1.example", "128.0.0.1", "[::2]"])
    expect(isLoopback(host)).toBe(false);
});
