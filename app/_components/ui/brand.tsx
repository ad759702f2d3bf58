import { PRODUCT } from "@/lib/product";

/** The key of the icon, drawn in the current colour, and the name. */
export function Brand() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-base tracking-tight">
      <svg viewBox="0 0 32 32" className="size-6" aria-hidden="true">
        <path className="fill-primary" d="M16 0h10a6 6 0 0 1 6 6v20a6 6 0 0 1-6 6H16A16 16 0 0 1 16 0Z" />
        <g
          className="fill-none stroke-primary-foreground stroke-3"
          strokeLinecap="round"
          strokeLinejoin="round"
        >
          <circle cx="12.5" cy="16" r="5.5" />
          <path d="M18 16h9v4m-4.5-4v2.5" />
        </g>
      </svg>
      {PRODUCT.name}
    </span>
  );
}
