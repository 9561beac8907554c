/** A list of URLs without the user and password that may stand before a host, as in `http://user:password@host`, and the first of these. */
export function splitCredentials(text: string): { readonly addresses: string; readonly credentials?: string } {
  const found = CREDENTIALS.exec(text)?.[1];
  const addresses = text.replaceAll(new RegExp(CREDENTIALS, "g"), "//");
  return found === undefined ? { addresses } : { addresses, credentials: decoded(found) };
}

const CREDENTIALS = /\/\/([^@/,]*)@/;

// A password may hold what has a meaning in a URL, written as %40.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
