"use strict";
/* What every page does: asks before what cannot be undone, sends forms that say so at once, and says when htmx fails. */
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-send-at-once]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, () => {
    const note = document.createElement("div");
    note.className = "alert alert-danger";
    note.setAttribute("role", "alert");
    note.textContent = document.documentElement.lang === "en"
      ? "That did not work. Reload the page and try again."
      : "操作未成功，请刷新页面后重试。";
    document.getElementById("messages")?.replaceChildren(note);
  });
}

/* htmx asks for Django's token on everything but reading. */
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
});
