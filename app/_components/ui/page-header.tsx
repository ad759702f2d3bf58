import type { ReactNode } from "react";

/** The title of a page, a sentence about it, and what can be done there. */
export function PageHeader({
  title,
  description,
  actions,
}: {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div data-slot="page-header" className="ui-page-header">
      <div className="min-w-0">
        <h1 tabIndex={-1} className="ui-page-title">
          {title}
        </h1>
        {description && <p className="ui-page-description">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
