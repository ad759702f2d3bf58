import { isolate } from "@/app/_components/isolate";
import type { showPerson } from "@/lib/current/people";

type Found = NonNullable<Awaited<ReturnType<typeof showPerson>>>;

/** What an administrator may do to an account. */
export const ACTS = ["end", "end-all", "disable", "enable"] as const;

export type Act = (typeof ACTS)[number];

export const isAct = (text: unknown): text is Act => (ACTS as readonly unknown[]).includes(text);

const devices = (count: number) => (count === 1 ? "1 device" : `${count} devices`);

/** The question before it is done, and what the button says. Null where there is nothing to do. */
export function questionOf(
  act: Act,
  { person, sessions, total }: Found,
  sessionId: string | undefined,
): { title: string; consequence: string; label: string; pending: string } | null {
  const { name, disabled_at } = person;
  switch (act) {
    case "end": {
      const session = sessions.find(({ id }) => id === sessionId);
      if (!session) return null;
      return {
        title: `Sign out ${isolate(session.name)} of ${isolate(name)}?`,
        consequence: "It loses access immediately. Its owner is told that an administrator did it.",
        label: "Sign out",
        pending: "Signing out…",
      };
    }
    case "end-all":
      if (total === 0) return null;
      return {
        title: `Sign out every device of ${isolate(name)}?`,
        consequence: `${devices(total)} ${total === 1 ? "loses" : "lose"} access immediately. They can sign in again.`,
        label: "Sign out everywhere",
        pending: "Signing out…",
      };
    case "disable":
      if (disabled_at) return null;
      return {
        title: `Disable the account of ${isolate(name)}?`,
        consequence:
          "Every device loses access immediately, and nobody can sign in to it until it is enabled.",
        label: "Disable account",
        pending: "Disabling…",
      };
    case "enable":
      if (!disabled_at) return null;
      return {
        title: `Enable the account of ${isolate(name)}?`,
        consequence: "They can sign in again, with the password they had.",
        label: "Enable account",
        pending: "Enabling…",
      };
  }
}
