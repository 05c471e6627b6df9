/* The page: its language, its charts as they are drawn and drawn again, and what happens around printing. */

function drawAll(paper = false) {
  for (const chart of DATA.charts) draw(chart, paper);
}

/** Say every amount and date in the language of the page. */
function sayFigures() {
  for (const item of document.querySelectorAll("data.money")) {
    item.textContent = "round" in item.dataset ? format.wholeMoney(item.value) : format.money(item.value);
  }
  for (const item of document.querySelectorAll("time[data-kind]")) item.textContent = format[item.dataset.kind](item.dateTime);
}

function speak(chosen) {
  root.lang = chosen;
  document.title = `${DATA.title[chosen]} · ${document.querySelector("time[data-kind=date]").dateTime}`;
  for (const button of document.querySelectorAll("button[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === chosen));
  }
  sayFigures();
  drawAll();
}

function onPaper() {
  for (const item of document.querySelectorAll("details:not([open]):not([data-screen])")) {
    item.open = true;
    item.dataset.closed = "";
  }
  drawAll(true);
}

function onScreen() {
  for (const item of document.querySelectorAll("details[data-closed]")) {
    item.open = false;
    delete item.dataset.closed;
  }
  drawAll();
}

function listen() {
  for (const button of document.querySelectorAll("button[data-lang]")) {
    button.addEventListener("click", () => speak(button.dataset.lang));
  }
  for (const chart of DATA.charts) heedChoice(chart);
  document.getElementById("print").addEventListener("click", () => window.print());
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", onScreen);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
  whenWidthChanges(drawAll);
}

root.classList.add("scripted");
listen();
speak(DATA.lang);
