import { clsx } from "clsx/lite";
import type { IconName } from "./icon-names";
import sheet from "./icons.svg";

/**
 * A drawing, for the eye only: text beside it says what it means. All of them are in one file that a browser keeps, so no page
 * and no script carries drawings. (Icons of lucide-react are client components: each takes a script to draw, and its drawing
 * travels twice.)
 */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg data-slot="icon" aria-hidden="true" className={clsx("ui-icon", className)}>
      <use href={`${sheet.src}#${name}`} />
    </svg>
  );
}
