// Shared: plain string work for components, above all for those that `npx shadcn add` brings.
import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Joins classes; of two Tailwind utilities for one property the last stays. Our own primitives need no merging. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
