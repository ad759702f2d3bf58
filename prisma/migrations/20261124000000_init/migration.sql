-- UUIDv7 (RFC 9562, section 5.7) for every PostgreSQL since 13: a random version 4 UUID whose first
-- 48 bits are replaced by the Unix time in milliseconds and whose version bits become 0111.
CREATE FUNCTION "uuid_v7"() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
          FROM 1 FOR 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid
$$;

-- CreateEnum
CREATE TYPE "session_kind" AS ENUM ('browser', 'api');

-- CreateEnum
CREATE TYPE "ended_reason" AS ENUM ('logout', 'ended_from_another_device', 'logout_others', 'logout_all', 'password_changed', 'idle', 'expired', 'replaced', 'account_disabled', 'reported');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL DEFAULT uuid_v7(),
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
    -- ASCII only: which other letters the database lowers depends on its locale and version.
    CONSTRAINT "users_email_is_normalised" CHECK ("email" = lower(btrim("email") COLLATE "C"))
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL DEFAULT uuid_v7(),
    "user_id" UUID NOT NULL,
    "kind" "session_kind" NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "amr" TEXT[],
    "auth_time" TIMESTAMPTZ(3) NOT NULL,
    "keep" BOOLEAN NOT NULL DEFAULT false,
    "name" TEXT,
    "device_type" TEXT NOT NULL,
    "browser" TEXT,
    "os" TEXT,
    "ip" TEXT,
    "location" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "idle_seconds" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_reason" "ended_reason",
    "ended_by_id" UUID,
    "confirmed_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "sessions_secret_hash_is_sha256" CHECK (octet_length("secret_hash") = 32),
    CONSTRAINT "sessions_name_is_short" CHECK (char_length("name") BETWEEN 1 AND 60),
    CONSTRAINT "sessions_idle_is_positive" CHECK ("idle_seconds" > 0),
    CONSTRAINT "sessions_end_after_they_start" CHECK ("expires_at" > "created_at" AND "ended_at" >= "created_at"),
    CONSTRAINT "sessions_end_with_a_reason" CHECK (("ended_at" IS NULL) = ("ended_reason" IS NULL)),
    CONSTRAINT "sessions_end_before_they_are_confirmed" CHECK ("confirmed_at" IS NULL OR "ended_at" IS NOT NULL),
    CONSTRAINT "sessions_are_ended_by_someone_once_ended" CHECK ("ended_by_id" IS NULL OR "ended_at" IS NOT NULL)
);

-- CreateTable
CREATE TABLE "security_events" (
    "id" UUID NOT NULL DEFAULT uuid_v7(),
    "type" TEXT NOT NULL,
    "user_id" UUID,
    "session_id" UUID,
    "ip" TEXT,
    "user_agent" TEXT,
    "request_id" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "security_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "instances" (
    "id" UUID NOT NULL,
    "beat" BIGSERIAL NOT NULL,
    "heard" BIGINT NOT NULL DEFAULT 0,
    "lease_ms" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "instances_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_of_user" ON "sessions"("user_id", "ended_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "sessions_ended_by_session" ON "sessions"("ended_by_id") WHERE (ended_by_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "security_events_user_id_created_at_idx" ON "security_events"("user_id", "created_at" DESC);

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_ended_by_id_fkey" FOREIGN KEY ("ended_by_id") REFERENCES "sessions"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "security_events" ADD CONSTRAINT "security_events_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Fences of docs/revocation.md: a number drawn after a commit is above every number drawn before it.
CREATE SEQUENCE "fences";

-- An end is final: no update, by whatever program, brings a session back or changes when it ended.
CREATE FUNCTION "refuse_to_revive_session"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'session % has ended and stays ended', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER "sessions_stay_ended" BEFORE UPDATE ON "sessions" FOR EACH ROW
WHEN (OLD.ended_at IS NOT NULL AND (
  NEW.ended_at IS DISTINCT FROM OLD.ended_at OR NEW.ended_reason IS DISTINCT FROM OLD.ended_reason
))
EXECUTE FUNCTION "refuse_to_revive_session"();

-- The news. A trigger tells it, so that it exists exactly when the commit does, whoever wrote the row.
-- One message is a letter followed by pairs of session id and user id (32 hexadecimal digits each), at most
-- 100 pairs, since PostgreSQL limits a notification to 8,000 bytes:
--   n new · s seen · c changed · e ended · d deleted while live · u user changed (user id alone) · r all rows
CREATE FUNCTION "tell"(kind text, ids text[]) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('latchkey', kind || string_agg(id, ''))
  FROM (SELECT id, (row_number() OVER () - 1) / 100 AS part FROM unnest(ids) AS id) AS numbered
  GROUP BY part
$$;

CREATE FUNCTION "pair"(session_id uuid, user_id uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT replace(session_id::text || user_id::text, '-', '')
$$;

CREATE FUNCTION "tell_new_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell('n', array_agg(pair(id, user_id))) FROM new_rows WHERE ended_at IS NULL HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER "sessions_tell_new" AFTER INSERT ON "sessions" REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "tell_new_sessions"();

CREATE FUNCTION "tell_updated_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(kind, array_agg(pair)) FROM (
    SELECT pair(o.id, o.user_id) AS pair, CASE
      WHEN n.id IS NULL THEN 'd' -- its primary key was changed by hand
      WHEN o.ended_at IS NULL AND n.ended_at IS NOT NULL THEN 'e'
      WHEN n.last_seen_at > o.last_seen_at
        AND to_jsonb(n) - 'last_seen_at' = to_jsonb(o) - 'last_seen_at' THEN 's'
      ELSE 'c'
    END AS kind
    FROM old_rows o LEFT JOIN new_rows n ON n.id = o.id
  ) AS news GROUP BY kind;
  RETURN NULL;
END
$$;

CREATE TRIGGER "sessions_tell_updated" AFTER UPDATE ON "sessions" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "tell_updated_sessions"();

CREATE FUNCTION "tell_deleted_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell('d', array_agg(pair(id, user_id))) FROM old_rows WHERE ended_at IS NULL HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER "sessions_tell_deleted" AFTER DELETE ON "sessions" REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "tell_deleted_sessions"();

CREATE FUNCTION "tell_all_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('latchkey', 'r');
  RETURN NULL;
END
$$;

CREATE TRIGGER "sessions_tell_all" AFTER TRUNCATE ON "sessions" FOR EACH STATEMENT EXECUTE FUNCTION "tell_all_sessions"();

-- Disabling an account ends its sessions in the same transaction.
CREATE FUNCTION "tell_updated_users"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions s SET ended_at = greatest(CURRENT_TIMESTAMP, s.created_at), ended_reason = 'account_disabled'
  FROM new_rows n JOIN old_rows o ON o.id = n.id
  WHERE s.user_id = n.id AND s.ended_at IS NULL AND o.disabled_at IS NULL AND n.disabled_at IS NOT NULL;

  PERFORM tell('u', array_agg(replace(id::text, '-', ''))) FROM old_rows HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER "users_tell_updated" AFTER UPDATE ON "users" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "tell_updated_users"();
