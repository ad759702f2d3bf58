import { Group } from "./group";

const COLORS = [
  ["background", "bg-background text-foreground"],
  ["subtle", "bg-subtle text-foreground"],
  ["card", "bg-card text-card-foreground"],
  ["popover", "bg-popover text-popover-foreground"],
  ["muted", "bg-muted text-muted-foreground"],
  ["secondary", "bg-secondary text-secondary-foreground"],
  ["accent", "bg-accent text-accent-foreground"],
  ["primary", "bg-primary text-primary-foreground"],
  ["destructive", "bg-destructive text-destructive-foreground"],
  ["destructive-tint", "bg-destructive-tint text-destructive"],
  ["warning-tint", "bg-warning-tint text-warning"],
  ["brass-tint", "bg-brass-tint text-brass"],
] as const;

export function Colors() {
  return (
    <Group title="Colours">
      <ul className="grid w-full grid-cols-2 gap-3 sm:grid-cols-4">
        {COLORS.map(([name, classes]) => (
          <li key={name} className={`rounded-lg border border-border px-3 py-4 ${classes}`}>
            {name}
          </li>
        ))}
      </ul>
    </Group>
  );
}
