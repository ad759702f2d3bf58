-- AlterEnum
ALTER TYPE "ended_reason" ADD VALUE 'ended_by_administrator';
ALTER TYPE "ended_reason" ADD VALUE 'password_reset';
