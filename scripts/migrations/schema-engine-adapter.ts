import { randomBytes } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import pg from "pg";
import { pinSettings } from "../../lib/database/settings";
import { urlOfDatabase, withConnection } from "../database";

// PrismaPg was made for queries. This adapts it to migrations.

/** How the schema engine reaches the database. What is left to tidy up afterwards is added to `cleanups`. */
export function adapterFactory(
  url: string,
  cleanups: (() => Promise<unknown>)[],
): SqlMigrationAwareDriverAdapterFactory {
  const connect = async (to: string) => {
    const pool = new pg.Pool({ connectionString: to, onConnect: pinSettings });
    cleanups.push(() => pool.end());
    return adapterOf(pool);
  };
  return {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    connect: () => connect(url),
    // PrismaPg's own would lead to the real database: a connection string outweighs the name it sets.
    connectToShadowDb: async () => {
      const shadow = `shadow_${randomBytes(8).toString("hex")}`;
      await execute(url, `CREATE DATABASE ${shadow}`);
      cleanups.push(() => execute(url, `DROP DATABASE ${shadow} WITH (FORCE)`));
      return connect(urlOfDatabase(url, shadow));
    },
  };
}

async function adapterOf(pool: pg.Pool): Promise<SqlDriverAdapter> {
  const charColumns = rememberCharColumns(pool);
  const adapter = await new PrismaPg(pool).connect();

  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const column of charColumns.get(result.rows) ?? [])
      result.columnTypes[column] = ColumnTypeEnum.Character;
    return result;
  };

  // PrismaPg's own cuts a script at every semicolon, those inside function bodies and strings included.
  adapter.executeScript = async (sql) => {
    await adapter.executeRaw({ sql, args: [], argTypes: [] });
  };
  return adapter;
}

// Object ids of pg_catalog, the same in every database.
const CHAR = 18;
const BPCHAR = 1042;

/**
 * PrismaPg refuses PostgreSQL's internal type "char", in which the catalogs describe constraints. We pass it off as
 * one that it knows, and return which columns of which rows it really was.
 */
function rememberCharColumns(pool: pg.Pool): WeakMap<unknown[][], number[]> {
  const charColumns = new WeakMap<unknown[][], number[]>();
  const query = pool.query.bind(pool);
  const disguised = async (config: pg.QueryArrayConfig) => {
    const result = await query(config);
    // A script of several statements gives several results.
    for (const { fields, rows } of [result].flat()) {
      const columns = fields.flatMap((field, index) => (field.dataTypeID === CHAR ? [index] : []));
      for (const column of columns) Object.assign(fields[column] ?? {}, { dataTypeID: BPCHAR });
      charColumns.set(rows, columns);
    }
    return result;
  };
  Object.assign(pool, { query: disguised });
  return charColumns;
}

function execute(url: string, sql: string): Promise<unknown> {
  return withConnection(url, (client) => client.query(sql));
}
