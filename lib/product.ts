// Shared: pages, the launcher and the tests read it. What a clone changes first.
import type { Route } from "next";
import { DAYS, HOURS } from "@/lib/time";

/** What people read. `name` stands in titles, in the header and in what the launcher says; the rest on the landing page. */
export const PRODUCT = {
  name: "Latchkey",
  tagline: "Revocable JWT sessions",
  headline: "JWT sessions you can revoke instantly",
  description:
    "See every signed-in device and sign any of them out. It loses access immediately: in every tab, on every server.",
} as const;

/** Where people land after they have signed in. */
export const HOME = "/sessions";

/** A page in the navigation. One with a role is for people who have it. */
export type Page = { href: Route; label: string; role?: "admin" };

/** The pages of the account, in the order of the navigation. */
const NAVIGATION: readonly Page[] = [
  { href: "/dashboard", label: "Overview" },
  { href: "/sessions", label: "Devices" },
  { href: "/activity", label: "Activity" },
  { href: "/security", label: "Security" },
  { href: "/admin", label: "People", role: "admin" },
];

/** The pages that somebody with this role finds in the navigation. */
export function navigationFor(role: string | null): readonly Page[] {
  return NAVIGATION.filter((page) => page.role === undefined || page.role === role);
}

/**
 * How long a session may live at most, and how long unused, in milliseconds: with "Keep me signed in", and without. They are
 * written nowhere else. NIST SP 800-63B-4, 2.1.3.
 */
export const LIFETIMES = {
  kept: { absolute: 30 * DAYS, idle: 7 * DAYS },
  brief: { absolute: 24 * HOURS, idle: 2 * HOURS },
} as const;
