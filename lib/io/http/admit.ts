import { createHash, timingSafeEqual } from "node:crypto";
import { jsonAnswer } from "./answer.ts";
import { type Admit, admitEveryone } from "./request.ts";

/** Who has these credentials, `user:password`; without them everybody. Whether a daemon lives, everybody may know. Source: RFC 7617; Marathon's `--http_credentials`. */
export function admitBy(credentials: string | undefined): Admit {
  if (credentials === undefined) return admitEveryone;
  const wanted = digest(`Basic ${Buffer.from(credentials).toString("base64")}`);
  const principal = credentials.split(":")[0];
  return ({ path, headers }) => {
    if (path === "/ping" || timingSafeEqual(digest(headers.authorization ?? ""), wanted)) return { principal };
    return { refusal: { ...UNAUTHORIZED, headers: { ...UNAUTHORIZED.headers, ...CHALLENGE } } };
  };
}

const UNAUTHORIZED = jsonAnswer({ message: "Unauthorized" }, 401);
const CHALLENGE = { "WWW-Authenticate": 'Basic realm="Mesosphere"' };

// All of one length, as the comparison wants them.
function digest(text: string | string[]): Buffer {
  return createHash("sha256").update(String(text)).digest();
}
