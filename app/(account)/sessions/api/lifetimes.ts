import { API_SESSION_LIFETIME, LONGEST_API_SESSION } from "@/lib/limits";
import { DAYS } from "@/lib/time";

/** How long an API session may be made for, in days. */
export const LIFETIMES = [1, 7, 30, API_SESSION_LIFETIME / DAYS, LONGEST_API_SESSION / DAYS];

export const USUAL_LIFETIME = API_SESSION_LIFETIME / DAYS;
