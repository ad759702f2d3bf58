import "server-only";
import { z } from "zod";
import { fields } from "@/app/api/auth/fields";
import { API_SESSION_LIFETIME, LONGEST_API_SESSION } from "@/lib/limits";
import { cursorSchema } from "@/lib/session/list/cursor";
import { SECONDS } from "@/lib/time";

// What the routes accept. They validate with these schemas, and docs/openapi.json is generated from them.

const { email, typedEmail, password, name, device, keepJson, keepForm, next } = fields;
const token = z.string();
const verifyEmail = z.strictObject({ token });
const reset = z.strictObject({ token, new_password: password });
const forgot = z.strictObject({ email: typedEmail });

export const BODIES = {
  signUp: {
    json: z.strictObject({ email, password, name: name.optional(), keep: keepJson.default(false) }),
    // An empty field is sent as an empty string.
    form: z.strictObject({
      email,
      password,
      name: z
        .literal("")
        .transform(() => undefined)
        .or(name)
        .optional(),
      keep: keepForm.default(false),
      next: next.optional(),
    }),
  },
  logIn: {
    json: z.strictObject({
      email: typedEmail,
      password,
      keep: keepJson.default(false),
      device: device.optional(),
    }),
    form: z.strictObject({
      email: typedEmail,
      password,
      keep: keepForm.default(false),
      device: device.optional(),
      next: next.optional(),
    }),
  },
  reauthenticate: z.strictObject({ password }),
  changePassword: z.strictObject({ current_password: password, new_password: password }),
  forgot: { json: forgot, form: forgot },
  reset: { json: reset, form: reset },
  verifyEmail: { json: verifyEmail, form: verifyEmail },
  changeEmail: z.strictObject({ email }),
  report: {
    json: z.strictObject({ token, everything: z.boolean("Must be true or false.").default(false) }),
    form: z.strictObject({ token, everything: keepForm.default(false) }),
  },
  newSession: z.strictObject({
    name,
    expires_in: z
      .int("Must be whole seconds.")
      .min(1, "Must be 1 second or more.")
      .max(LONGEST_API_SESSION / SECONDS, "Must be a year or less.")
      .default(API_SESSION_LIFETIME / SECONDS),
  }),
  rename: z.strictObject({ name: name.nullable() }),
};

export const QUERIES = {
  sessions: z.object({
    state: z.enum(["live", "ended"], "Must be live or ended.").default("live"),
    cursor: cursorSchema.optional(),
  }),
  activity: z.object({ cursor: cursorSchema.optional(), download: z.string().optional() }),
};
