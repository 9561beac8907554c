import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalName, familiarRepository, parseReference } from "./reference.ts";

const hex = "0123456789abcdef".repeat(4);

const canonical = (text: string): string => {
  const name = parseReference(text);
  return "refusal" in name ? name.refusal : canonicalName(name);
};

it.each([
  ["debian", "docker.io/library/debian:latest"],
  ["debian:12", "docker.io/library/debian:12"],
  ["docker.io/debian", "docker.io/library/debian:latest"],
  ["index.docker.io/debian:12", "docker.io/library/debian:12"],
  ["library/debian", "docker.io/library/debian:latest"],
  ["team/app", "docker.io/team/app:latest"],
  ["team/sub/app:v1.2-rc_3", "docker.io/team/sub/app:v1.2-rc_3"],
  ["localhost/app", "localhost/app:latest"],
  ["localhost:5000/app:1", "localhost:5000/app:1"],
  ["host:5000/team/app", "host:5000/team/app:latest"],
  ["quay.io/team/app:1", "quay.io/team/app:1"],
  ["Host/app", "Host/app:latest"],
  ["[::1]:5000/app", "[::1]:5000/app:latest"],
  [`debian@sha256:${hex}`, `docker.io/library/debian@sha256:${hex}`],
  [`debian:12@sha256:${hex}`, `docker.io/library/debian@sha256:${hex}`],
  [`host:5000/team/app@sha256:${hex}`, `host:5000/team/app@sha256:${hex}`],
  ["a__b/c-d.e", "docker.io/a__b/c-d.e:latest"],
  ["oci:/images/app", "oci:/images/app"],
  ["oci:/images/app:1.0", "oci:/images/app:1.0"],
  ["oci-archive:/images/app.tar", "oci-archive:/images/app.tar"],
  ["docker-archive:/images/app.tar:debian:12", "docker-archive:/images/app.tar:debian:12"],
])("%s means %s", (text, name) => {
  expect(canonical(text)).toBe(name);
});

it.each([
  ["", "the name of the repository is missing"],
  ["Debian", "no capitals"],
  ["debian:", "a tag has at most 128"],
  ["debian:-1", "a tag has at most 128"],
  [`debian:${"x".repeat(129)}`, "a tag has at most 128"],
  ["debian@sha256:12", 'after "@" comes "sha256:"'],
  [`debian@sha512:${hex}${hex}`, 'after "@" comes "sha256:"'],
  [`debian@sha256:${hex.toUpperCase()}`, "lower case"],
  ["a//b", "single separators"],
  ["../etc", "is not a registry's host and port"],
  ["a/../b", "single separators"],
  ["host:port/app", "is not a registry's host and port"],
  ["-host.example/app", "is not a registry's host and port"],
  ["user@host/app", 'after "@" comes "sha256:"'],
  ["host:5000/", "the name of the repository is missing"],
  [`${"a/".repeat(128)}a`, "longer than 255"],
  ["debian 12", "single separators"],
  ["debian\n", "single separators"],
  ["oci:images", "an absolute path"],
  ["docker-archive:", "an absolute path"],
  ["oci:/a\0b", "no NUL"],
  ["http://host/app", "is not a registry's host and port"],
])("%j is refused: %s", (text, why) => {
  const name = parseReference(text);
  expect(name).toEqual({ refusal: expect.stringContaining(why) });
});

it("a canonical name means itself", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(
        /^([a-z0-9.]{1,8}(:[0-9]{2,4})?\/)?[a-z0-9]{1,5}([-._/][a-z0-9]{1,5}){0,3}(:[a-z0-9._-]{1,6})?$/,
      ),
      (text) => {
        const name = parseReference(text);
        if ("refusal" in name) return;
        expect(parseReference(canonicalName(name))).toEqual(name);
      },
    ),
  );
});

it("whatever is written, the answer is a name or a sentence", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const name = parseReference(text);
      if ("refusal" in name) expect(name.refusal).toMatch(/is not the name of an image: .+\.$/s);
    }),
  );
});

it("docker.io's library is not spelled by people", () => {
  expect(familiarRepository("library/debian")).toBe("debian");
  expect(familiarRepository("team/app")).toBe("team/app");
});
