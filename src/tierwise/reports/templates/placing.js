/* A chart on its place: drawn, drawn again, on the screen and on paper. The report carries this file, the console serves it. */
const PAPER = { width: 690, height: 330 };
const drawn = new Map();

function draw(chart, paper = false) {
  const place = document.getElementById(`${chart.id}-canvas`);
  const width = paper ? PAPER.width : place?.clientWidth;
  if (!width) return;
  const { height: wanted, ...option } = DRAWINGS[chart.kind](chart, themeNow(paper), width, paper);
  const height = paper && chart.kind !== "bars" ? Math.min(wanted, PAPER.height) : wanted;
  place.style.height = `${height}px`;
  let instance = drawn.get(chart.id);
  if (!instance || instance.getDom() !== place) {
    instance = echarts.init(place, null, { renderer: "svg", width, height });
    drawn.set(chart.id, instance);
  }
  instance.resize({ width, height });
  instance.clear();
  instance.setOption(option);
}

/** Draw a chart again when another measure of it is chosen. */
function heedChoice(chart) {
  for (const radio of document.getElementsByName(`${chart.id}-choice`)) {
    radio.addEventListener("change", () => { chart.choice = radio.value; draw(chart); });
  }
}

/** Call `again` once a frame when the window's width has changed; on phones its height changes with each scroll. */
function whenWidthChanges(again) {
  let frame = 0;
  let last = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === last) return;
    last = window.innerWidth;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => again());
  });
}
