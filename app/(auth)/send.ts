import type { FieldErrors, ProblemCode } from "@/lib/errors";
import { nextPath } from "@/lib/http/next-path";

/** Why a form was refused: a sentence for the whole of it, messages by field, and how many seconds to wait; 0 for none. */
export type FormProblem = { title: string; errors: FieldErrors; wait: number };

const UNREACHABLE: FormProblem = {
  title: "We couldn’t reach the server. Check your connection, then try again.",
  errors: {},
  wait: 0,
};
const UNKNOWN: FormProblem = { title: "Something went wrong. Try again in a moment.", errors: {}, wait: 0 };

type Answer = { path: string } | (FormProblem & { code?: unknown });

/** Posts a form. Gives the path to go on to, always one of this site, or why it was refused. */
export async function send(action: string, form: HTMLFormElement): Promise<Answer> {
  const fields = [...new FormData(form)].filter(
    (field): field is [string, string] => typeof field[1] === "string",
  );
  const answer = await post(action, new URLSearchParams(fields));
  // The refusal brought the missing cookie along. Only a browser that blocks it is refused again.
  const isRefused = "code" in answer && answer.code === ("cookies_needed" satisfies ProblemCode);
  return isRefused ? post(action, new URLSearchParams(fields)) : answer;
}

async function post(action: string, body: URLSearchParams): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(action, { method: "POST", headers: { Accept: "application/json" }, body });
  } catch {
    return UNREACHABLE;
  }
  const answer: unknown = await response.json().catch(() => null);
  if (typeof answer !== "object" || answer === null) return UNKNOWN;
  if (response.ok && "redirect_to" in answer && typeof answer.redirect_to === "string")
    return { path: nextPath(answer.redirect_to) };
  if (!("title" in answer) || typeof answer.title !== "string") return UNKNOWN;
  const code = "code" in answer ? answer.code : null;
  // Where the server is busy, nobody has to wait: it only may last.
  const isLimited = code === ("rate_limited" satisfies ProblemCode);
  const wait = isLimited ? Number(response.headers.get("retry-after")) || 0 : 0;
  const errors = "errors" in answer && isFieldErrors(answer.errors) ? answer.errors : {};
  const title = "detail" in answer && typeof answer.detail === "string" ? answer.detail : answer.title;
  return { title, errors, wait, code };
}

function isFieldErrors(value: unknown): value is FieldErrors {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((messages) => Array.isArray(messages) && messages.every(isText));
}

const isText = (value: unknown) => typeof value === "string";
