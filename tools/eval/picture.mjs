// Cost against quality as a picture: every policy a point, those on the front joined by a line.

const front = '#0b7a5b';
const other = '#8a94a6';

function seriesOf(policies) {
  const point = ({ name, costNanoUsd, score, isOnFront }) => ({
    name,
    value: [costNanoUsd / 1e6, score * 100],
    itemStyle: { color: isOnFront ? front : other },
    label: { color: isOnFront ? front : '#5c6675', position: isOnFront ? 'left' : 'right' },
  });
  const onFront = policies.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.costNanoUsd - b.costNanoUsd);
  return [
    {
      type: 'line',
      name: 'Pareto front',
      silent: true,
      showSymbol: false,
      z: 1,
      lineStyle: { color: front, width: 2, type: 'dashed' },
      data: onFront.map(({ costNanoUsd, score }) => [costNanoUsd / 1e6, score * 100]),
    },
    {
      type: 'scatter',
      name: 'policies',
      symbolSize: 11,
      z: 2,
      data: policies.map(point),
      label: { show: true, distance: 8, fontSize: 11, formatter: ({ name }) => name },
    },
  ];
}

/** An SVG document of the result's policies. `title` is written above. */
export async function renderPicture({ policies }, title) {
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 960, height: 600 });
  const axis = { nameLocation: 'middle', splitLine: { lineStyle: { color: '#e6e9ee' } }, scale: true };
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 16, top: 12, textStyle: { fontSize: 15 } },
    grid: { left: 70, right: 40, top: 60, bottom: 60 },
    xAxis: { ...axis, type: 'value', name: 'US dollars for a thousand requests', nameGap: 32, min: 0, scale: false },
    yAxis: { ...axis, type: 'value', name: 'score, %', nameGap: 45 },
    series: seriesOf(policies),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
