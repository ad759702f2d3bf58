import { Fragment } from "react";
import { Button } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { Icon } from "@/app/_components/ui/icon";
import { GROUPS, type Group } from "@/app/(account)/sessions/_state/order";
import type { Row } from "@/app/(account)/sessions/_state/rows";
import type { Phase } from "@/app/(account)/sessions/_state/use-endings";
import { DeviceRow } from "./device-row";

type Props = { rows: Row[]; phases: Record<string, Phase>; now: number; locale: string };

/** The rows, in a long list under the headings of their groups. */
export function RowList({ rows, ...props }: Props) {
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) => rows.some((row) => row.group === group));
  if (groups.length === 0) return <List label="others" rows={rows} {...props} />;
  return groups.map((group) => (
    <Fragment key={group}>
      <p id={group} className="device-group">
        {GROUPS[group]}
      </p>
      <List label={group} rows={rows.filter((row) => row.group === group)} {...props} />
    </Fragment>
  ));
}

function List({ label, rows, phases, now, locale }: Props & { label: string }) {
  return (
    <ul aria-labelledby={label} className="devices">
      {rows.map((row) => (
        <DeviceRow key={row.device.id} row={row} phase={phases[row.device.id]} now={now} locale={locale} />
      ))}
    </ul>
  );
}

/** No other device, or none that passes the filter. */
export function Nothing({ isFiltered, onReset }: { isFiltered: boolean; onReset: () => void }) {
  if (!isFiltered)
    return (
      <EmptyState>
        <Icon name="laptop" />
        <p>Only this device is signed in.</p>
      </EmptyState>
    );
  return (
    <EmptyState>
      <Icon name="search-x" />
      <p>No device matches.</p>
      <Button variant="outline" size="sm" onClick={onReset} className="noscript:hidden">
        Show all
      </Button>
    </EmptyState>
  );
}

/** Offers devices that came in while somebody was at the list; over it, so that nothing moves. */
export function WaitingDevices({ count, onShow }: { count: number; onShow: () => void }) {
  if (count === 0) return null;
  return (
    <div className="device-waiting">
      <Button size="sm" onClick={onShow}>
        <Icon name="arrow-up" />
        <span>{count === 1 ? "Show 1 new device" : `Show ${count} new devices`}</span>
      </Button>
    </div>
  );
}
