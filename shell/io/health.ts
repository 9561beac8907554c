import { HttpClient } from "@meseta/lib/io/http/client.ts";

/** Whether the master or agent at this base URL says that it is well, and if not, why. Asks that very one, leader or not. */
export async function askHealth(url: string): Promise<{ readonly healthy: boolean; readonly why: string }> {
  const client = new HttpClient(1, { answerTimeoutMs: 5000 });
  try {
    const { status } = await client.exchange({ url: `${url}/health`, method: "GET" });
    return { healthy: status === 200, why: status === 200 ? "" : `it answers ${status}` };
  } catch (error) {
    return { healthy: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    client.close();
  }
}
