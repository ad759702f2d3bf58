import "server-only";
import { headers } from "next/headers";
import { z } from "zod";
import { type FieldErrors, PROBLEMS } from "@/lib/errors";
import { noteAction } from "@/lib/http/node-server/exchange";
import { isFromOwnPage } from "@/lib/http/origin";
import { type Admitted, getSession } from "./session";
import { tellUnavailable } from "./unavailable";

// What `authenticatedRoute` is to route handlers: the one way to write a server action. A test fails where a "use server"
// file goes another.

/** Why an action did nothing, in words for people; `errors` by the names of the form's fields. */
export type ActionRefusal = {
  code: "cross_site_request" | "signed_out" | "invalid_request" | "unavailable";
  title: string;
  errors: FieldErrors;
};

type Action<State> = (last: State, form: FormData) => Promise<State>;
type Handler<Input, State> = (input: Input, caller: Admitted) => State | Promise<State>;

/**
 * A server action for `useActionState`: asks whether a page of this site sent the form, asks the gate, and checks the fields
 * against `schema`, in this order; then `handler` is given the input and the caller. What it gives is the next state.
 * When one of these says no, or the database cannot answer, nothing has been done: the next state is an `ActionRefusal`, or
 * what `refuse` makes of it. `form` is what was sent, which may be anything. Other errors are thrown on.
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
    // First: what fails before this is what was sent, and a 400.
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
      if (!(await tellUnavailable(error))) throw error;
      return refusal("unavailable", PROBLEMS.unavailable.title);
    }
  };
}

/** The fields of a form; none for what a caller by hand has passed instead of one. */
export function fieldsOf(form: unknown): Record<string, unknown> {
  return form instanceof FormData ? Object.fromEntries(form) : {};
}
