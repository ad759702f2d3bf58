import { PROBLEMS, problemTitle } from "@/lib/errors";

type Query = Record<string, string | string[] | undefined>;

/** What stands in the address of a page to which a link leads. */
export function readLinkQuery(query: Query): {
  token: string | null;
  isDone: boolean;
  problem: string | null;
  errors: Record<string, string[]>;
} {
  const text = (name: string) => (typeof query[name] === "string" ? query[name] : null);
  const code = text("error");
  const known = code !== null && Object.hasOwn(PROBLEMS, code);
  return {
    token: text("token"),
    isDone: text("done") === "1",
    problem: known
      ? problemTitle(PROBLEMS[code as keyof typeof PROBLEMS].title, Number(text("wait") ?? Number.NaN))
      : null,
    errors: Object.fromEntries(
      ["new_password", "email"].flatMap((field) => {
        const message = text(field)?.slice(0, 300);
        return message ? [[field, [message]]] : [];
      }),
    ),
  };
}
