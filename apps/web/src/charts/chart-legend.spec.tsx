/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { render, screen } from '@testing-library/react';
import { ChartHeading } from './chart-legend.js';

const heading = (value: string) => <ChartHeading title="Price" entries={[{ label: 'Close', value }]} />;
const room = (): string => screen.getByRole('definition').style.minWidth;

it('keeps the room of the longest value: with less room the line would wrap for one bar and not for the next', () => {
  const { rerender } = render(heading('–'));
  expect(room()).toBe('6ch');
  rerender(heading('60,826.00'));
  expect(room()).toBe('9ch');
  rerender(heading('–'));
  expect(room()).toBe('9ch');
});
