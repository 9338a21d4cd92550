// Cost against quality as a picture: every policy a numbered point, those on the front joined by a line; the names stand beside.

const front = '#0b7a5b';
const other = '#6b7585';
const size = { width: 1_000, height: 600 };
const namesLeft = 745;
const namesTop = 72;
const lineHeight = 24;

const place = ({ costNanoUsd, score }) => [costNanoUsd / 1e6, score * 100];
const colorOf = ({ isOnFront }) => (isOnFront ? front : other);

function seriesOf(policies) {
  return [
    {
      type: 'line',
      silent: true,
      showSymbol: false,
      z: 1,
      lineStyle: { color: front, width: 2, type: 'dashed' },
      data: policies.filter(({ isOnFront }) => isOnFront).map(place),
    },
    {
      type: 'scatter',
      symbolSize: 20,
      z: 2,
      itemStyle: { opacity: 1 },
      label: { show: true, position: 'inside', color: '#ffffff', fontSize: 11, formatter: ({ name }) => name },
      data: policies.map((policy, at) => ({
        name: String(at + 1),
        value: place(policy),
        itemStyle: { color: colorOf(policy) },
      })),
    },
  ];
}

const written = (text, left, top, fill, fontWeight = 'normal') => ({
  type: 'text',
  left,
  top,
  style: { text, fill, fontSize: 12, fontWeight },
});

function namesOf(policies) {
  return [
    ...policies.map((policy, at) =>
      written(`${at + 1}  ${policy.name}`, namesLeft, namesTop + at * lineHeight, colorOf(policy)),
    ),
    written('green: on the Pareto front', namesLeft, namesTop + policies.length * lineHeight + 8, front, 'bold'),
  ];
}

/** An SVG document of the result's policies, by rising cost. `title` is written above. */
export async function renderPicture(result, title) {
  const echarts = await import('echarts');
  const policies = [...result.policies].sort((a, b) => a.costNanoUsd - b.costNanoUsd || b.score - a.score);
  const height = Math.max(size.height, namesTop + (policies.length + 3) * lineHeight);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: size.width, height });
  const axis = { type: 'value', nameLocation: 'middle', splitLine: { lineStyle: { color: '#e6e9ee' } } };
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 16, top: 12, textStyle: { fontSize: 15 } },
    grid: { left: 70, right: size.width - namesLeft + 30, top: 60, bottom: 60 },
    xAxis: { ...axis, name: 'US dollars for a thousand requests', nameGap: 32, min: 0 },
    yAxis: { ...axis, name: 'score, %', nameGap: 45, scale: true },
    series: seriesOf(policies),
    graphic: namesOf(policies),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
