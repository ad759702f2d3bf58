import { type FieldErrors, problemTitle } from "@/lib/errors";
import { nextPath } from "@/lib/http/next-path";

/** Why a form was refused: a sentence for the whole of it, and messages by field. */
export type FormProblem = { title: string; errors: FieldErrors };

const UNREACHABLE: FormProblem = {
  title: "The server cannot be reached. Check the connection, then try again.",
  errors: {},
};
const UNKNOWN: FormProblem = { title: "Something went wrong. Try again in a moment.", errors: {} };

/** Posts a form. Gives the path to go on to, always one of this site, or why it was refused. */
export async function send(action: string, form: HTMLFormElement): Promise<{ path: string } | FormProblem> {
  const fields = [...new FormData(form)].filter(
    (field): field is [string, string] => typeof field[1] === "string",
  );
  let response: Response;
  try {
    response = await fetch(action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(fields),
    });
  } catch {
    return UNREACHABLE;
  }
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null) return UNKNOWN;
  if (response.ok && "redirect_to" in body && typeof body.redirect_to === "string")
    return { path: nextPath(body.redirect_to) };
  if (!("title" in body) || typeof body.title !== "string") return UNKNOWN;
  const wait = Number(response.headers.get("retry-after"));
  const errors = "errors" in body && isFieldErrors(body.errors) ? body.errors : {};
  return { title: problemTitle(body.title, wait), errors };
}

function isFieldErrors(value: unknown): value is FieldErrors {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((messages) => Array.isArray(messages) && messages.every(isText));
}

const isText = (value: unknown) => typeof value === "string";
