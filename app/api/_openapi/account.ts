import "server-only";
import { ANSWERS } from "@/app/api/auth/answers";
import { BODIES, QUERIES } from "@/app/api/auth/bodies";
import { FIELDS, type Paths } from "./operation";
import { SEE_OTHER } from "./sessions";

const LATER = { description: "Accepted. What comes of it shows in a mailbox only.", schema: ANSWERS.nothing };

const AS_FILE = { "Content-Disposition": "The name of the file (RFC 6266)." };

/** The account and its mail. Where the server sends no mail, the routes of links are not there. */
export const ACCOUNT: Paths = {
  "/api/auth/account": {
    delete: {
      id: "deleteAccount",
      summary: "Delete the account, after every session has ended.",
      caller: "session",
      isGuarded: true,
      answers: { 204: { description: "Deleted.", headers: FIELDS.signedOut } },
    },
  },
  "/api/auth/activity": {
    get: {
      id: "listActivity",
      summary: "What happened to the account, latest first; with `download`, all of it as a file.",
      caller: "session",
      query: QUERIES.activity,
      answers: { 200: { description: "The events.", schema: ANSWERS.activity, headers: AS_FILE } },
    },
  },
  "/api/auth/export": {
    get: {
      id: "exportAccount",
      summary: "Everything that is stored about the caller.",
      caller: "session",
      isGuarded: true,
      answers: {
        200: { description: "The data, as a file.", schema: ANSWERS.export, headers: AS_FILE },
      },
      problems: ["rate_limited"],
    },
  },
  "/api/auth/password": {
    post: {
      id: "changePassword",
      summary: "Change the password. Ends the other sessions.",
      caller: "session",
      json: BODIES.changePassword,
      answers: {
        200: {
          description: "Changed; the session has a new token.",
          schema: ANSWERS.passwordChanged,
          headers: FIELDS.signedIn,
        },
      },
      problems: ["invalid_credentials", "rate_limited"],
    },
  },
  "/api/auth/password/forgot": {
    post: {
      id: "forgotPassword",
      summary: "Ask for a link to choose a new password.",
      caller: "anybody",
      ...BODIES.forgot,
      answers: { 202: LATER, 303: SEE_OTHER },
      problems: ["rate_limited", "not_found"],
    },
  },
  "/api/auth/password/reset": {
    post: {
      id: "resetPassword",
      summary: "Set a new password by the link of a mail. Ends every session.",
      caller: "anybody",
      ...BODIES.reset,
      answers: { 200: { description: "How many sessions ended.", schema: ANSWERS.ended }, 303: SEE_OTHER },
      problems: ["invalid_link", "not_found"],
    },
  },
  "/api/auth/email": {
    post: {
      id: "changeEmail",
      summary: "Ask for another address. It changes when the link that goes there is used.",
      caller: "session",
      isGuarded: true,
      json: BODIES.changeEmail,
      answers: { 202: LATER },
      problems: ["rate_limited", "not_found"],
    },
  },
  "/api/auth/email/resend": {
    post: {
      id: "resendVerification",
      summary: "Send another link to confirm the caller's address.",
      caller: "session",
      answers: { 202: LATER },
      problems: ["rate_limited", "not_found"],
    },
  },
  "/api/auth/email/verify": {
    post: {
      id: "verifyEmail",
      summary: "Confirm an address by the link of a mail.",
      caller: "anybody",
      ...BODIES.verifyEmail,
      answers: { 200: { description: "The address.", schema: ANSWERS.email }, 303: SEE_OTHER },
      problems: ["invalid_link", "not_found"],
    },
  },
  "/api/auth/report": {
    post: {
      id: "reportSession",
      summary: "“This wasn’t me”, by the link of a mail: ends that session and opens a reset.",
      caller: "anybody",
      ...BODIES.report,
      answers: {
        200: { description: "What ended, and the reset.", schema: ANSWERS.reported },
        303: SEE_OTHER,
      },
      problems: ["invalid_link", "not_found"],
    },
  },
};
