import { gathered, NOTHING, type Subject } from "../subject.ts";

/** The definitions of an init: two apps in one request, without instances, so that no cluster is needed. */
export const initSubject: Subject = {
  part: "init",
  writers: 48,
  flags: (port) => ["init", "--port", `${port}`, "--master", "http://127.0.0.1:1"],
  listens: "first",
  write: (writer, number) => ({
    method: "PUT",
    path: "/v2/apps?force=true",
    body: ["a", "b"].map((name) => ({
      id: `/w${writer}/${name}`,
      cmd: "true",
      instances: 0,
      env: { NUMBER: `${number}` },
    })),
  }),
  shape: (_, number) => (number === 0 ? NOTHING : `a=${number} b=${number}`),
  reads: [{ method: "GET", path: "/v2/apps" }],
  found([answer]) {
    const { apps } = JSON.parse(answer!) as { apps: { id: string; env: { NUMBER: string } }[] };
    return gathered(
      apps.map(({ id, env }) => {
        const [, writer = "", name = ""] = id.split("/");
        return [Number(writer.slice(1)), name, env.NUMBER];
      }),
    );
  },
};
