"use strict";
/* What every page does: asks before what cannot be undone, sends forms that say so at once, and says when htmx fails. */
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  const chosen = event.target.closest(".drop input[type=file]");
  if (chosen?.files.length) chosen.closest(".drop").querySelector("output").textContent = chosen.files[0].name;
  if (event.target.closest("[data-send-at-once]")) event.target.form.requestSubmit();
});

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

/* On paper everything that needs no further request is open, and the ground is white; the screen gets back what it showed. */
let shownTheme = "";
window.addEventListener("beforeprint", () => {
  shownTheme = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
  for (const part of document.querySelectorAll("main details:not([open], [hx-get], :has(form))")) {
    part.open = true;
    part.dataset.closed = "";
  }
});
window.addEventListener("afterprint", () => {
  document.documentElement.dataset.bsTheme = shownTheme;
  for (const part of document.querySelectorAll("details[data-closed]")) {
    part.open = false;
    delete part.dataset.closed;
  }
});

/* "/" goes to the search of the page, else to that of the frame; Esc closes what is open, and the focus returns to its button. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("main input[name=q]") ?? document.getElementById("find");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
  const menu = document.querySelector("#menu.show");
  if (event.key === "Escape" && menu) {
    const button = document.querySelector("[data-bs-target='#menu']");
    button.click();
    button.focus();
  }
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
