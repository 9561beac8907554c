import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import type { ProbeResult, Probes, ProbeTarget } from "../../core/agent/outside.ts";

/** Looks at ports as Mesos' checks do: a TCP connection that comes about, or the status of a GET. */
export class PortProbes implements Probes {
  probe(target: ProbeTarget, timeoutMs: number, done: (result: ProbeResult) => void): void {
    let over = false;
    let stop = () => {};
    const end = (result: ProbeResult) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      stop();
      done(result);
    };
    const timer = timeoutMs > 0 ? setTimeout(() => end({ kind: "timeout" }), timeoutMs) : undefined;
    stop = target.kind === "tcp" ? tryTcp(target, end) : tryHttp(target, end);
    if (over) stop();
  }
}

function tryTcp({ host, port }: ProbeTarget, done: (result: ProbeResult) => void): () => void {
  const socket = connect({ host, port });
  socket.once("connect", () => done({ kind: "reached" }));
  socket.once("error", (error) => done({ kind: "failed", reason: error.message }));
  return () => socket.destroy();
}

function tryHttp(target: Extract<ProbeTarget, { kind: "http" }>, done: (result: ProbeResult) => void): () => void {
  let stop = () => {};
  let stopped = false;
  send(target).then(
    (sent) => {
      stop = () => sent.destroy();
      sent.once("response", (answer: IncomingMessage) => done({ kind: "status", status: answer.statusCode ?? 0 }));
      sent.on("error", (error: Error) => done({ kind: "failed", reason: error.message }));
      if (stopped) stop();
      else sent.end();
    },
    (error: Error) => done({ kind: "failed", reason: error.message }),
  );
  return () => {
    stopped = true;
    stop();
  };
}

// TLS is loaded when the first task asks for it; its certificate is not looked at, as it is the task's own.
async function send({ host, port, scheme, path }: Extract<ProbeTarget, { kind: "http" }>) {
  const options = { host, port, path: path.startsWith("/") ? path : `/${path}`, agent: false as const };
  if (scheme === "http") return request(options);
  return (await import("node:https")).request({ ...options, rejectUnauthorized: false });
}
