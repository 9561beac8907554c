/** What `/` shows of a part: for whoever opens its address in a browser. */
export interface StartPage {
  /** "Meseta agent 10.0.0.1". */
  readonly title: string;
  /** A sentence or two: what it has now. */
  readonly about: string;
  readonly lists: readonly LinkList[];
}

export interface LinkList {
  readonly heading?: string;
  /** Put before each path in its link; left out, nothing. */
  readonly base?: string;
  readonly paths: readonly string[];
}

/** As Mesos says it of its page; which letters they are says the page. */
export const HTML = { "Content-Type": "text/html" } as const;

/** The whole page; all texts may hold anything. */
export function startPageHtml({ title, about, lists }: StartPage): string {
  const body = `<h1>${inHtml(title)}</h1><p>${inHtml(about)}</p>${lists.map(listHtml).join("")}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${inHtml(title)}</title><body>${body}</body></html>\n`;
}

function listHtml({ heading, base = "", paths }: LinkList): string {
  const items = paths.map((path) => `<li><a href="${inHtml(base + path)}">${inHtml(path)}</a></li>`);
  return `${heading === undefined ? "" : `<h2>${inHtml(heading)}</h2>`}<ul>${items.join("")}</ul>`;
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
