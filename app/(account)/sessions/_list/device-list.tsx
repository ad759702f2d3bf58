"use client";

import { type MouseEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { useClock, useNow } from "@/app/_components/moment";
import { PageHeader } from "@/app/_components/ui/page-header";
import { useShownVersion } from "@/app/_session/list";
import { Dialogs } from "@/app/(account)/sessions/_dialogs/dialogs";
import { expectDialog } from "@/app/(account)/sessions/_dialogs/load";
import { EVERYTHING, type Filter, filteredPath, passes } from "@/app/(account)/sessions/_state/filter";
import { useActions } from "@/app/(account)/sessions/_state/use-actions";
import { useKeptFocus } from "@/app/(account)/sessions/_state/use-kept-focus";
import { useRows } from "@/app/(account)/sessions/_state/use-rows";
import type { Device, End } from "@/app/(account)/sessions/device-view";
import { Announcements } from "./announcements";
import { BulkActions } from "./bulk-actions";
import { ListBar } from "./list-bar";
import { Messages } from "./messages";
import { NewsBar } from "./news-bar";
import { Nothing, RowList, WaitingDevices } from "./row-list";
import { ThisDevice } from "./this-device";

export type DeviceListProps = {
  here: Device;
  others: Device[];
  /** What ended in the last minutes. */
  ends: End[];
  /** How many sessions are live, this one included. */
  total: number;
  version: string;
  /** From when on ending another session asks for the password, in milliseconds. */
  stepUpAt: number;
  /** The clock of the server, in milliseconds. */
  now: number;
  /** BCP 47. */
  locale: string;
  filter: Filter;
  /** The cookie of the news that somebody knows of. */
  known: string | null;
  /** What a form without a script has just done. */
  done: string | null;
  /** What stands below the list. */
  children: ReactNode;
};

/** The page of devices, alive: it follows the server, and says in each row what happens to its device. */
export function DeviceList({
  here,
  others,
  ends,
  total,
  version,
  locale,
  known,
  done,
  ...props
}: DeviceListProps) {
  const page = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const unlisted = total - 1 - others.length;
  const listing = useMemo(
    () => ({ others, ends, isWhole: unlisted === 0, now: props.now }),
    [others, ends, unlisted, props.now],
  );
  const [rows, change] = useRows(listing, list);
  const live = rows.shown.flatMap(({ device, end }) => (end ? [] : [device]));
  const count = live.length + rows.waiting.length + unlisted;
  const clock = useClock(props.now);
  const actions = useActions({ rows, change, here, total: count + 1, done, clock });
  const [filter, setFilter] = useState(props.filter);
  const now = useNow(props.now);
  useShownVersion(version);
  useKeptFocus(page);

  function filterBy(next: Filter) {
    setFilter(next);
    window.history.replaceState(null, "", filteredPath(next));
  }

  function pressed(event: MouseEvent<HTMLElement>) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    const target = (event.target as Element).closest<HTMLElement>("[data-details], [data-menu]");
    if (target?.dataset.menu) actions.openMenu(target.dataset.menu);
    const device = target?.dataset.details && actions.find(target.dataset.details);
    if (!device) return;
    event.preventDefault();
    void actions.open({ kind: "details", device });
  }

  const shown = rows.shown.filter(({ device }) => passes(device, filter));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: The links and buttons inside are what is pressed.
    // biome-ignore lint/a11y/useKeyWithClickEvents: They are pressed by keyboard, too.
    <div ref={page} onClick={pressed} onPointerOver={expectDialog} onFocus={expectDialog}>
      <PageHeader
        title="Devices"
        description="Everywhere you’re signed in. Sign a device out and it loses access immediately."
        actions={<BulkActions hasOthers={count > 0} />}
      />
      <div ref={list}>
        <NewsBar rows={rows.shown} here={here} known={known} now={now} locale={locale} />
        <ThisDevice device={here} now={now} locale={locale} />
        <section aria-labelledby="others" className="mt-6">
          <ListBar count={count} filter={filter} onFilter={filterBy} />
          <WaitingDevices count={rows.waiting.length} onShow={() => change({ type: "let in" })} />
          {unlisted > 0 && (
            <p className="mb-2 max-w-prose text-muted-foreground">
              {`These are the ${others.length} last active. “Sign out all others” ends the other ${unlisted}, too.`}
            </p>
          )}
          {shown.length > 0 ? (
            <RowList rows={shown} phases={actions.phases} now={now} locale={locale} />
          ) : (
            <Nothing isFiltered={rows.shown.length > 0} onReset={() => filterBy(EVERYTHING)} />
          )}
        </section>
      </div>
      {props.children}
      <Dialogs actions={actions} now={now} locale={locale} stepUpAt={props.stepUpAt} />
      <Announcements news={rows.news} />
      <Messages message={actions.message} onClose={actions.closeMessage} />
    </div>
  );
}
