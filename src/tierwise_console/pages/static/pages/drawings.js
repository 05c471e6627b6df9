"use strict";
/* Drawings of the pages Migration, Tiers, Advisor and Value: they add themselves to the report's. */
(() => {
  const word = (text) => (typeof text === "string" ? text : text[document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en"]);

  DRAWINGS.sankey = (chart, theme, width) => {
    const name = (side, tiers, key) => `${side} ${word(tiers.find((tier) => tier.key === key)?.name ?? chart.outside)}`;
    const colour = (tiers, key) => {
      const place = tiers.findIndex((tier) => tier.key === key);
      const all = chart.colours[theme.name] ?? chart.colours;
      return place < 0 ? theme.line : all[place % all.length];
    };
    const nodes = new Map();
    for (const [side, depth, tiers] of [["◂", 0, chart.before], ["▸", 1, chart.after]]) {
      for (const key of [...tiers.map((tier) => tier.key), ""]) {
        if (!chart.flows.some((flow) => flow.customers > 0 && (depth ? flow.to : flow.from) === key)) continue;
        const node = name(side, tiers, key);
        nodes.set(node, { name: node, depth, itemStyle: { color: colour(tiers, key) } });
      }
    }
    const links = chart.flows.filter((flow) => flow.customers > 0).map((flow) => {
      const from = name("◂", chart.before, flow.from), to = name("▸", chart.after, flow.to);
      return { source: from, target: to, value: flow.customers };
    });
    const size = width < 480 ? 10 : 12;
    const room = Math.max(...[...nodes.keys()].map((node) => [...node].reduce((sum, letter) => sum + (letter > "\u2e80" ? size : size * 0.56), 0)));
    return {
      height: Math.max(320, 34 * Math.max(chart.before.length, chart.after.length) + 60),
      tooltip: { renderMode: "richText" },
      series: [{
        type: "sankey", animation: false, data: [...nodes.values()], links, nodeGap: 10, nodeWidth: 14,
        left: 4, right: Math.min(room + 12, width * 0.42), top: 8, bottom: 8, layoutIterations: 0, emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.35 },
        label: { color: theme.text, fontSize: size },
      }],
    };
  };

  /* How much of what came next the best customers of each ranking brought. */
  DRAWINGS.lift = (chart, theme, width) => {
    const colours = chart.colours[theme.name] ?? chart.colours;
    const say = (value) => `${format.number(value)}%`;
    legend(chart, "", [...chart.curves.map((curve, place) => [colours[place], word(curve.name)]), [theme.soft, word(chart.chance)]]);
    const line = (shares, colour, more) => ({
      type: "line", data: chart.percents.map((percent, place) => [percent, shares[place]]), showSymbol: false, symbolSize: 6,
      itemStyle: { color: colour }, lineStyle: { color: colour, width: 2, ...more },
    });
    const axis = (name, gap) => ({
      type: "value", min: 0, max: 100, name: word(name), nameLocation: "middle", nameGap: gap, nameTextStyle: { color: theme.soft },
      axisLabel: { color: theme.soft }, axisLine: { show: false }, splitLine: { lineStyle: { color: theme.grid } },
    });
    return {
      ...base(theme),
      height: width < 480 ? 340 : 400,
      grid: { left: 52, right: 20, top: 12, bottom: 50 },
      xAxis: axis(chart.x_name, 32), yAxis: axis(chart.y_name, 38),
      series: [
        ...chart.curves.map((curve, place) => line(curve.shares, colours[place], place ? { type: [[7, 4], [2, 3], [10, 3, 2, 3]][(place - 1) % 3] } : { width: 3 })),
        { ...line(chart.percents, theme.soft, { type: [4, 4], width: 1 }), silent: true },
      ],
      tooltip: {
        ...base(theme).tooltip, trigger: "axis", axisPointer: { lineStyle: { color: theme.line }, label: { show: false } },
        formatter: (items) => [say(items[0].value[0]), ...items.slice(0, chart.curves.length).map((item) => `${word(chart.curves[item.seriesIndex].name)} ${say(item.value[1])}`)].join("\n"),
      },
    };
  };

  /* Bubbles of customers on two axes, coloured by the group that the lines put them in. */
  DRAWINGS.quadrants = (chart, theme, width) => {
    const palette = theme.name === "dark" ? ["#68d6c8", "#e0a458", "#8fb8ff", "#8a9994"] : ["#0b6069", "#b5651d", "#3a6ea5", "#84918d"];
    const group = ([x, y]) => (x >= chart.x ? (y >= chart.y ? 0 : 1) : y >= chart.y ? 2 : 3);
    const most = Math.max(...chart.cells.map((cell) => cell[2]), 1);
    const line = { silent: true, symbol: "none", lineStyle: { color: theme.text, type: "dashed", width: 2 }, label: { color: theme.text } };
    const axis = (name, max) => ({
      name: word(name), max, min: 0, nameLocation: "middle", nameGap: 30, nameTextStyle: { color: theme.soft },
      axisLabel: { color: theme.soft, hideOverlap: true, showMaxLabel: false }, axisLine: { lineStyle: { color: theme.line } }, splitLine: { lineStyle: { color: theme.grid } },
    });
    return {
      height: width < 480 ? 360 : 440, animation: false,
      legend: { top: 0, textStyle: { color: theme.text } },
      grid: { left: 56, right: 16, top: width < 480 ? 64 : 40, bottom: 52 },
      tooltip: { renderMode: "richText", formatter: ({ value }) => `${value[2]} ${word(chart.customers)}` },
      xAxis: axis(chart.x_name, chart.x_most), yAxis: axis(chart.y_name, chart.y_most),
      series: chart.names.map((name, place) => ({
        type: "scatter", name: word(name), color: palette[place], itemStyle: { opacity: 0.75 },
        data: chart.cells.filter((cell) => group(cell) === place),
        symbolSize: (value) => 4 + (width < 480 ? 18 : 30) * Math.sqrt(value[2] / most),
        ...(place === 0 ? { markLine: { ...line, data: [{ xAxis: chart.x }, { yAxis: chart.y }] } } : {}),
      })),
    };
  };
})();
