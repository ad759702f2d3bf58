import "server-only";
import { headers } from "next/headers";
import { z } from "zod";
import { type FieldErrors, PROBLEMS, Problem, problemTitle } from "@/lib/errors";
import { noteAction } from "@/lib/http/node-server/exchange";
import { isFromOwnPage } from "@/lib/http/origin";
import { tellRefusal } from "./refusal";
import { type Admitted, getSession } from "./session";

// The one way to write a server action, as `authenticatedRoute` is for route handlers. A test fails if a "use server" file
// exports anything else.

/** Why an action did nothing, in words for people; `errors` by form field. */
export type ActionRefusal = {
  code:
    | "cross_site_request"
    | "signed_out"
    | "invalid_request"
    | "unavailable"
    | "forbidden"
    | "rate_limited";
  title: string;
  errors: FieldErrors;
};

type Action<State> = (last: State, form: FormData) => Promise<State>;
type Handler<Input, State> = (input: Input, caller: Admitted) => State | Promise<State>;

/**
 * Makes a server action for `useActionState`. It checks that a page of this site sent the form, asks the gate, and checks the
 * fields against `schema`, in this order. Then it calls `handler` with the input and the caller; the result is the next state.
 * If a check fails, the database cannot answer or the handler throws `forbidden` or `rate_limited`, nothing was done: the next state is an `ActionRefusal`, or
 * what `refuse` makes of it. `form` is what was sent, unchecked. Other errors are rethrown.
 */
export function authenticatedAction<Input, State>(
  schema: z.ZodType<Input>,
  handler: Handler<Input, State>,
): Action<State | ActionRefusal | null>;
export function authenticatedAction<Input, State>(
  schema: z.ZodType<Input>,
  handler: Handler<Input, State>,
  refuse: (refusal: ActionRefusal, form: unknown) => State | Promise<State>,
): Action<State>;
export function authenticatedAction<Input, State>(
  schema: z.ZodType<Input>,
  handler: Handler<Input, State>,
  refuse: (refusal: ActionRefusal, form: unknown) => unknown = (refusal) => refusal,
): Action<unknown> {
  return async (_last, form) => {
    const refusal = (code: ActionRefusal["code"], title: string, errors: FieldErrors = {}) =>
      refuse({ code, title, errors }, form);
    // First: any failure before this point is the fault of what was sent, and a 400.
    const sent = await headers();
    noteAction(sent);
    // Next lets calls without an Origin through; we do not.
    if (!isFromOwnPage(sent)) return refusal("cross_site_request", PROBLEMS.cross_site_request.title);
    try {
      const caller = await getSession();
      if (!caller) return await refusal("signed_out", PROBLEMS.session_ended.title);
      const parsed = schema.safeParse(fieldsOf(form));
      if (parsed.success) return await handler(parsed.data, caller);
      const { fieldErrors } = z.flattenError(parsed.error);
      return await refusal("invalid_request", PROBLEMS.invalid_request.title, fieldErrors as FieldErrors);
    } catch (error) {
      if (error instanceof Problem && error.code === "rate_limited")
        return refusal(error.code, problemTitle(error.message, error.retryAfter ?? Number.NaN));
      const code = await tellRefusal(error);
      if (!code) throw error;
      return refusal(code, PROBLEMS[code].title);
    }
  };
}

/** Returns the fields of a form; none if the caller passed something else. */
export function fieldsOf(form: unknown): Record<string, unknown> {
  return form instanceof FormData ? Object.fromEntries(form) : {};
}
