import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { maySecretsBeIn, withoutSecrets, withSecrets } from "./secrets.ts";

const secret = (data: string) => ({ type: "VALUE", value: { data } });
const task = {
  name: "t",
  data: "ZGF0YQ==",
  labels: { labels: [{ key: "data", value: "kept" }] },
  command: {
    environment: {
      variables: [
        { name: "A", value: "plain" },
        { name: "B", type: "SECRET", secret: secret("Yg==") },
      ],
    },
  },
  container: {
    volumes: [{ source: { type: "SECRET", secret: secret("dg==") } }],
    mesos: { image: { docker: { config: secret("Yw==") } } },
  },
};

test("values are taken out wherever they stand, and nothing else is", () => {
  const { message, values } = withoutSecrets(task);
  expect(values).toEqual(["Yg==", "dg==", "Yw=="]);
  expect(JSON.stringify(message)).not.toMatch(/Yg==|dg==|Yw==/);
  expect(message).toMatchObject({ data: "ZGF0YQ==", labels: task.labels });
  expect(withSecrets(message, values)).toEqual(task);
  expect(withSecrets(message, [])).toEqual(message);
});

test("a message without any is the same object", () => {
  const { container: _, command: __, ...plain } = task;
  expect(withoutSecrets(plain).message).toBe(plain);
});

test("what is taken out can be put back, through JSON too, and the quick look never misses one", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (around, data) => {
      const whole = { around, secret: secret(data), list: [secret(data)] };
      const { message, values } = withoutSecrets(JSON.parse(JSON.stringify(whole)));
      expect(withSecrets(JSON.parse(JSON.stringify(message)), values)).toEqual(JSON.parse(JSON.stringify(whole)));
      expect(maySecretsBeIn(JSON.stringify(whole))).toBe(true);
    }),
  );
});

test("no other message of the wire has a `value` that is a message with `data`", () => {
  const rows = readFileSync(new URL("wire.tsv", import.meta.url), "utf8")
    .split("\n")
    .map((row) => row.split("\t"));
  const fields = rows.filter(([kind]) => kind === "field");
  const withData = new Set(fields.filter((row) => row[3] === "data").map((row) => `${row[1]}.${row[2]}`));
  const values = fields
    .filter((row) => row[3] === "value" && withData.has(row[6] ?? ""))
    .map((row) => `${row[1]}.${row[2]}`);
  expect(values).toEqual(["mesos.v1.Secret"]);
});
