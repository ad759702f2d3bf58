import "server-only";
import { z } from "zod";

const NO_CURSOR = "This is not a cursor of ours.";

/** Where a page of sessions stops: the time by which its last row is sorted, and the id of that row. */
export type Cursor = { at: Date; id: string };

/** Reads a cursor out of a query; anything else is an error that says so. */
export const cursorSchema = z
  .string()
  .regex(/^\d{1,15}\.[0-9a-f-]{36}$/, { error: NO_CURSOR, abort: true })
  .transform((text): Cursor => {
    const [time = "", id = ""] = text.split(".");
    return { at: new Date(Number(time)), id };
  })
  .refine(({ at, id }) => !Number.isNaN(at.getTime()) && z.uuid().safeParse(id).success, NO_CURSOR);

/** Writes the cursor that points behind a row; `at` is the time by which its page is sorted. */
export function cursorAfter({ id }: { id: string }, at: Date | null): string {
  return `${at?.getTime()}.${id}`;
}
