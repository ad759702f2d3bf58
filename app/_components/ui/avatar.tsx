import { clsx } from "clsx/lite";

/** The initials of a name, or of an email address; beside it stands the name itself. */
export function Avatar({ name, className }: { name: string; className?: string }) {
  return (
    <span data-slot="avatar" aria-hidden="true" className={clsx("ui-avatar", className)}>
      {initialsOf(name)}
    </span>
  );
}

/** "AL" of "Ada Lovelace", "A" of "Ada": the first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s@]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const ends = words.length > 1 && !name.includes("@") ? [words[0], words.at(-1)] : words.slice(0, 1);
  return ends.map((word) => [...(word ?? "")][0]?.toUpperCase()).join("") || "?";
}
