import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import type {
  ArgType,
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
} from "@prisma/driver-adapter-utils";
import type pg from "pg";
import { spellMoment } from "./moment";

/** Prisma's adapter for a pool. By itself it would write times without their offset. */
export function adapterFor(pool: pg.Pool): SqlDriverAdapterFactory {
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    async connect(): Promise<SqlDriverAdapter> {
      const adapter = spellingMoments(await factory.connect());
      const startTransaction = adapter.startTransaction.bind(adapter);
      adapter.startTransaction = async (level) => spellingMoments(await startTransaction(level));
      return adapter;
    },
  };
}

function spellingMoments<T extends SqlQueryable>(queryable: T): T {
  const queryRaw = queryable.queryRaw.bind(queryable);
  const executeRaw = queryable.executeRaw.bind(queryable);
  return Object.assign(queryable, {
    queryRaw: (query: SqlQuery) => queryRaw(spelled(query)),
    executeRaw: (query: SqlQuery) => executeRaw(spelled(query)),
  });
}

/** A query whose times are texts with their offset, which the adapter hands on as they are. */
function spelled(query: SqlQuery): SqlQuery {
  if (!query.argTypes.some(isMoment)) return query;
  return {
    ...query,
    args: query.args.map((arg, index) => (isMoment(query.argTypes[index]) ? spell(arg) : arg)),
    argTypes: query.argTypes.map((type) => (isMoment(type) ? { ...type, scalarType: "string" } : type)),
  };
}

const isMoment = (type: ArgType | undefined) =>
  type?.scalarType === "datetime" && !["DATE", "TIME", "TIMETZ"].includes(type.dbType ?? "");

function spell(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spell);
  return typeof value === "string" || value instanceof Date ? spellMoment(new Date(value)) : value;
}
