import type { MouseEvent } from "react";
import { Icon } from "@/app/_components/ui/icon";
import { Input } from "@/app/_components/ui/input";
import { SegmentedControl } from "@/app/_components/ui/segmented-control";
import { useConnection } from "@/app/_session/list";
import { type Filter, filteredPath, isSearchable, KINDS } from "@/app/(account)/sessions/_state/filter";

/** With fewer other devices than this, there is nothing to filter. */
const FILTER_FROM = 2;

/** The heading of the list, whether it is live, and what of it to show. Without a script, the page comes back filtered. */
export function ListBar({
  count,
  filter,
  onFilter,
}: {
  count: number;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}) {
  function chosen(event: MouseEvent, kind: Filter["kind"]) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onFilter({ ...filter, kind });
  }
  return (
    <div className="device-bar">
      <h2 id="others" className="font-semibold text-[0.9375rem]">
        Other devices <span className="font-normal text-muted-foreground">{count}</span>
      </h2>
      <LiveMark />
      {(isSearchable(count) || filter.words !== "") && (
        <search className="device-search">
          <form action="/sessions" onSubmit={(event) => event.preventDefault()}>
            {filter.kind !== "all" && <input type="hidden" name="kind" value={filter.kind} />}
            <Icon name="search" className="device-search-icon" />
            <Input
              type="search"
              name="words"
              aria-label="Search devices"
              placeholder="Search"
              className="ps-8"
              defaultValue={filter.words}
              onChange={({ target }) => onFilter({ ...filter, words: target.value })}
            />
          </form>
        </search>
      )}
      {(count >= FILTER_FROM || filter.kind !== "all") && (
        <SegmentedControl label="Show">
          {(Object.keys(KINDS) as Filter["kind"][]).map((kind) => (
            <a
              key={kind}
              href={filteredPath({ ...filter, kind })}
              aria-current={filter.kind === kind ? "true" : undefined}
              onClick={(event) => chosen(event, kind)}
            >
              {KINDS[kind]}
            </a>
          ))}
        </SegmentedControl>
      )}
    </div>
  );
}

/** Whether news come in by themselves; nothing before that is known, and without a script. */
function LiveMark() {
  const connection = useConnection();
  return (
    <span className="device-live" data-connection={connection}>
      {connection === "live" && <span key="live">Live</span>}
      {connection === "lost" && <span key="lost">Reconnecting…</span>}
    </span>
  );
}
