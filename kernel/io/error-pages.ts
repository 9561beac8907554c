import { errorPage } from "@meseta/api/errors.ts";
import { notFound, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";

/** GET /docs/errors/CODE: what the code means, as text for a terminal; GET /docs/errors: which there are. */
export const explainCode: Handler = ({ path }) => {
  const page = errorPage(path.slice("/docs/errors/".length));
  return page === undefined ? notFound : textAnswer(200, page);
};
