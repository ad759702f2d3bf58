import "server-only";
import type { Paths } from "./operation";

/** The routes that a clone adds. */
export const YOURS: Paths = {};
