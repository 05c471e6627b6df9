/* The page: its language, its charts as they are drawn and drawn again, and what happens around printing. */

const PAPER_WIDTH = 690;
const PAPER_HEIGHT = 330;
const drawn = new Map();

function draw(chart, paper = false) {
  const place = document.getElementById(`${chart.id}-canvas`);
  const width = paper ? PAPER_WIDTH : place.clientWidth;
  if (!width) return;
  const { height: wanted, ...option } = DRAWINGS[chart.kind](chart, themeNow(paper), width, paper);
  const height = paper && chart.kind !== "bars" ? Math.min(wanted, PAPER_HEIGHT) : wanted;
  place.style.height = `${height}px`;
  let instance = drawn.get(chart.id);
  if (!instance) {
    instance = echarts.init(place, null, { renderer: "svg", width, height });
    drawn.set(chart.id, instance);
  }
  instance.resize({ width, height });
  instance.clear();
  instance.setOption(option);
}

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
  for (const chart of DATA.charts) {
    for (const radio of document.getElementsByName(`${chart.id}-choice`)) {
      radio.addEventListener("change", () => { chart.choice = radio.value; draw(chart); });
    }
  }
  document.getElementById("print").addEventListener("click", () => window.print());
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", onScreen);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
  let frame = 0;
  let last = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === last) return;
    last = window.innerWidth;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => drawAll());
  });
}

root.classList.add("scripted");
listen();
speak(DATA.lang);
