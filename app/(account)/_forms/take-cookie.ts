/** Has the server take the cookie of a session that has ended, in a full navigation: the login page then says how it ended. */
export function takeCookie(how: "everywhere" | "deleted"): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/api/auth/logout?${how}`;
  document.body.append(form);
  form.submit();
}
