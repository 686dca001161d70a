import { around, type Check, flag, list, object, oneOf } from './checks.js';

const ENTRY_POINTS = ['section', 'url'];
const VISITOR_BEHAVIORS = [
  ...['visited_location', 'time_on_location', 'flow', 'engaged_in_session', 'about_to_abandon', 'cart_value'],
  ...['cart_items', 'visitor_error', 'viewed_products', 'service_activity'],
];
const TARGET_AUDIENCES = [
  ...['external_referral', 'search_keywords', 'ip', 'platform', 'geo_location', 'returning_visitors'],
  ...['marketing_source', 'customer_type', 'age', 'balance', 'customer_id', 'gender', 'store_zip_code'],
  ...['store_number', 'company_size', 'registration_date'],
];
const GOALS = ['url', 'purchase_total', 'num_of_pages', 'lead', 'service_activity'];
const CONSUMER_IDENTITIES = ['auth', 'unauth'];

const identities = list(oneOf(CONSUMER_IDENTITIES), { min: 1, max: 5, unique: true });

/** One document wants `auth` always, the vendor's own form does not (D20). */
const consumerIdentity = around(identities, (value, pointer, review) => {
  identities(value, pointer, review);
  if (Array.isArray(value) && value.length > 0 && !value.includes('auth')) {
    review.warn(pointer, 'lacks auth: the documents say that it has to be there');
  }
});

const fields: Record<string, Check> = {
  design_engagement: flag,
  design_window: flag,
  entry_point: list(oneOf(ENTRY_POINTS), { min: 1, max: 10, unique: true }),
  visitor_behavior: list(oneOf(VISITOR_BEHAVIORS), { max: 10, unique: true }),
  target_audience: list(oneOf(TARGET_AUDIENCES), { max: 20, unique: true }),
  goal: list(oneOf(GOALS), { max: 10, unique: true }),
  consumer_identity: consumerIdentity,
  language_selection: flag,
};

/** `capabilities.engagement`: all eight fields or none (docs/vendors/liveperson.md §5.2). */
export const engagement: Check = object({ fields, required: Object.keys(fields) });
