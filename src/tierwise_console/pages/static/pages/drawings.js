"use strict";
/* Drawings of the pages Migration and Models: they add themselves to the report's. */
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
    return {
      height: Math.max(320, 34 * Math.max(chart.before.length, chart.after.length) + 60),
      tooltip: { renderMode: "richText" },
      series: [{
        type: "sankey", data: [...nodes.values()], links, nodeGap: 10, nodeWidth: 14,
        left: 4, right: Math.min(150, width * 0.32), top: 8, bottom: 8, layoutIterations: 0, emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.35 },
        label: { color: theme.text, fontSize: width < 480 ? 10 : 12 },
      }],
    };
  };
})();
