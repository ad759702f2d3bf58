import "server-only";
import { textOfJson } from "@/lib/http/route";

type Pages = AsyncGenerator<unknown[], void, undefined>;

/**
 * An answer that browsers keep as a file of JSON. Lists that come in pages are sent page by page, however long they are; the first
 * page is read before anything is answered, so that a database that is away is still a 503.
 */
export async function asFile(name: string, members: Record<string, unknown>): Promise<Response> {
  const parts = textOf(members);
  const encoder = new TextEncoder();
  let next = await parts.next();
  const body = new ReadableStream<Uint8Array>({
    async pull(stream) {
      if (next.done) return stream.close();
      stream.enqueue(encoder.encode(next.value));
      next = await parts.next();
    },
    async cancel() {
      await parts.return();
    },
  });
  const answer = textOfJson(body);
  answer.headers.set("Content-Disposition", `attachment; filename="${name}"`);
  return answer;
}

/** The JSON of an object, in a part for each page of its lists. */
async function* textOf(members: Record<string, unknown>): AsyncGenerator<string, void, undefined> {
  let text = "{";
  for (const [index, [name, value]] of Object.entries(members).entries()) {
    text += `${index === 0 ? "" : ","}${JSON.stringify(name)}:`;
    if (!isPages(value)) {
      text += JSON.stringify(value);
      continue;
    }
    let separator = "[";
    for await (const page of value) {
      for (const row of page) {
        text += separator + JSON.stringify(row);
        separator = ",";
      }
      if (text) yield text;
      text = "";
    }
    text += separator === "[" ? "[]" : "]";
  }
  yield `${text}}`;
}

function isPages(value: unknown): value is Pages {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
