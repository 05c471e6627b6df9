/* Charts on the console's pages: drawn from the data beside them, drawn again when theme or width change, saved as PNG
   and CSV. How they are drawn and placed is the report's. */
const charts = new Map();

/** The colours of the page as it looks now; paper is always light. */
themeNow = function (paper) {
  if (paper) return { name: "light", text: "#17211f", soft: "#51605c", line: "#d9dfdb", grid: "#e6eae7", card: "#ffffff", accent: "#0b6069" };
  const found = getComputedStyle(root);
  const variable = (name) => found.getPropertyValue(name).trim();
  return {
    name: root.dataset.bsTheme === "dark" ? "dark" : "light", text: variable("--text"), soft: variable("--soft"),
    line: variable("--line"), grid: variable("--grid"), card: variable("--card"), accent: variable("--accent"),
  };
};

function drawAll(paper = false) {
  for (const chart of charts.values()) draw(chart, paper);
}

/** Take up the charts of a part of the page that has just come. */
function take(part) {
  for (const block of part.querySelectorAll("script.chart-data")) {
    const chart = JSON.parse(block.textContent);
    charts.set(chart.id, chart);
    heedChoice(chart);
    draw(chart);
  }
}

function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** The chart as a picture of twice its size, on the page's own ground. */
function savePicture(id) {
  const place = document.getElementById(`${id}-canvas`);
  const canvas = echarts.init(document.createElement("div"), null, { renderer: "canvas", width: place.clientWidth, height: place.clientHeight });
  const { height, ...option } = DRAWINGS[charts.get(id).kind](charts.get(id), themeNow(), place.clientWidth);
  canvas.setOption(option);
  save(canvas.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: themeNow().card }), `${id}.png`);
  canvas.dispose();
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers. */
function csvCell(text) {
  const trimmed = text.trim();
  const guarded = /^[=+\-@\t\r]/.test(trimmed) && !/^-?[\d.,]+%?$/.test(trimmed) ? `'${trimmed}` : trimmed;
  return `"${guarded.replaceAll('"', '""')}"`;
}

function saveTable(id) {
  const rows = [...document.querySelectorAll(`table[data-of="${id}"] tr`)];
  const lines = rows.map((row) => [...row.cells].map((cell) => csvCell(cell.textContent)).join(","));
  save(URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n")], { type: "text/csv" })), `${id}.csv`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-png], button[data-csv]");
  if (button?.dataset.png) savePicture(button.dataset.png);
  if (button?.dataset.csv) saveTable(button.dataset.csv);
});
document.addEventListener("htmx:afterSwap", (event) => take(event.target));
document.addEventListener("themechange", () => drawAll());
window.addEventListener("beforeprint", () => drawAll(true));
window.addEventListener("afterprint", () => drawAll());
whenWidthChanges(drawAll);
take(document);
