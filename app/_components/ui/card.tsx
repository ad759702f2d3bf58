import { clsx } from "clsx/lite";
import type { ComponentProps } from "react";

export function Card({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="card" className={clsx("ui-card", className)} {...div} />;
}

export function CardHeader({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="card-header" className={clsx("ui-card-header", className)} {...div} />;
}

/** The heading of a card: `<h2>`, so that it stands below the title of the page. */
export function CardTitle({ className, children, ...heading }: ComponentProps<"h2">) {
  return (
    <h2 data-slot="card-title" className={clsx("ui-card-title", className)} {...heading}>
      {children}
    </h2>
  );
}

export function CardDescription({ className, ...paragraph }: ComponentProps<"p">) {
  return <p data-slot="card-description" className={clsx("ui-card-description", className)} {...paragraph} />;
}

/** What can be done, at the end of the header. */
export function CardAction({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="card-action" className={clsx("ui-card-action", className)} {...div} />;
}

export function CardContent({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="card-content" className={clsx("ui-card-content", className)} {...div} />;
}

export function CardFooter({ className, ...div }: ComponentProps<"div">) {
  return <div data-slot="card-footer" className={clsx("ui-card-footer", className)} {...div} />;
}
