import { allDashboards, dashboardFileText } from '../dashboard-catalogue.js';
import { schemaFaults } from './schema-check.js';

type Shapes = Parameters<typeof schemaFaults>[0];
const written = allDashboards().map(
  (dashboard) => JSON.parse(dashboardFileText(dashboard)) as Shapes[number],
);

const withOptions = (type: string, options: object): Shapes => {
  const dashboard = { title: 'Broken', schemaVersion: 42, panels: [{ type, title: 'the panel', options }] };
  return [dashboard];
};

describe('the dashboards under the types of Grafana', () => {
  it('have the shapes that Grafana knows', () => {
    expect(schemaFaults(written)).toEqual([]);
  });

  it.each([
    ['an unknown option', withOptions('stat', { colourMode: 'none' })],
    ['a value outside an enum', withOptions('timeseries', { legend: { displayMode: 'sideways' } })],
    ['a wrong type', withOptions('heatmap', { calculate: 'no' })],
    ['a kind of panel without types', withOptions('crystalball', {})],
  ])('would not with %s', (_, broken) => {
    expect(schemaFaults(broken)).toEqual([expect.stringContaining('"the panel"')]);
  });
});
