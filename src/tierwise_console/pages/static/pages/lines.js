"use strict";
/* The two lines of the matrix: a slider each, so that mouse, finger and arrow keys move them alike. */
(() => {
  const form = document.getElementById("lines");
  form?.addEventListener("input", (event) => {
    const { axis } = event.target.dataset;
    const chart = charts.get(form.dataset.chart);
    if (!axis || !chart) return;
    chart[axis] = Number(event.target.value);
    document.getElementById(`line-${axis}-out`).textContent = event.target.value;
    draw(chart);
  });
})();
