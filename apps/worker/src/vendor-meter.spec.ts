import { noopMetricMeter, type MetricMeter, type MetricTags } from '@temporalio/common';
import { expect, it } from 'vitest';
import { vendorMeter } from './vendor-meter.js';

it('counts calls and readings by connection, in the words of the documentation', () => {
  const counted: { name: string; tags: MetricTags }[] = [];
  const counter = (name: string, tags: MetricTags): ReturnType<MetricMeter['createCounter']> => ({
    ...noopMetricMeter.createCounter(name),
    add: (_value, extra) => counted.push({ name, tags: { ...tags, ...extra } }),
    withTags: (more) => counter(name, { ...tags, ...more }),
  });
  const meter = vendorMeter({ createCounter: (name) => counter(name, {}) }, { vendor: 'egain', name: 'egain-main' });
  meter.call({ lane: 'job', resource: 'channel', operation: 'list', outcome: '2xx' });
  meter.begun('channel');
  meter.shared('channel');
  meter.repeated('channel');
  const tags = { vendor: 'egain', connection: 'egain-main', resource: 'channel' };
  expect(counted).toEqual([
    { name: 'gangway_vendor_calls', tags: { ...tags, lane: 'job', operation: 'list', outcome: '2xx' } },
    { name: 'gangway_listings_begun', tags },
    { name: 'gangway_listings_shared', tags },
    { name: 'gangway_listing_pages_repeated', tags },
  ]);
});
