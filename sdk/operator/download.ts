import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { HttpClient, readRefusal } from "@meseta/lib/io/http/client.ts";
import { CallRefused, Unreachable } from "../core/errors.ts";

/**
 * A whole file of those that an agent (or master) at this base URL shows, piece by piece. Throws CallRefused when there is no such
 * file (404) or it is a folder (400), and Unreachable when there is no answer or it is cut off before the file's end.
 */
export async function* downloadFile(url: string, path: string): AsyncGenerator<Uint8Array, void, void> {
  const client = new HttpClient();
  const page = `/files/download?path=${encodeURIComponent(path)}`;
  const incoming = await client.open({ url: url + page, method: "GET" }).catch((error: CallFailed) => {
    throw new Unreachable("agent", url, error.message);
  });
  if (incoming.statusCode !== 200) {
    const text = decodeUtf8(await readRefusal(incoming));
    throw new CallRefused(url, `GET ${page}`, incoming.statusCode ?? 0, text);
  }
  try {
    yield* incoming as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new Unreachable("agent", url, `${path} was cut off: ${(error as Error).message}`);
  } finally {
    incoming.destroy();
  }
}
