-- Names this database in what instances sign, so that a message of another one is worth nothing here.
CREATE TABLE "database_identity" (
    "single" BOOLEAN NOT NULL DEFAULT true,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),

    CONSTRAINT "database_identity_pkey" PRIMARY KEY ("single"),
    CONSTRAINT "database_identity_is_single" CHECK ("single")
);

INSERT INTO "database_identity" DEFAULT VALUES;

-- Fences are numbered by those who ask (docs/revocation.md), so that no sequence can be set back.
DROP SEQUENCE "fences";

-- AlterTable
ALTER TABLE "instances" DROP COLUMN "heard",
ADD COLUMN     "acknowledged" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "backend" TEXT;
