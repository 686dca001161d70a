import { isJsonObject, type JsonValue, type PlanNode } from '#libs/contracts/index.js';

/** Whether two plans want the same of a node. A sealed secret never equals another: unchanged ones count as changed. */
export function sameBody(a: PlanNode, aTexts: string[], b: PlanNode, bTexts: string[]): boolean {
  const text = (node: PlanNode, texts: string[]): string =>
    JSON.stringify([node.connection, node.needs, withTexts(node.body, texts)]);
  return text(a, aTexts) === text(b, bTexts);
}

function withTexts(value: JsonValue, texts: readonly string[]): JsonValue {
  if (Array.isArray(value)) return value.map((item) => withTexts(item, texts));
  if (!isJsonObject(value)) return value;
  const index = value['$text'];
  if (typeof index === 'number' && Object.keys(value).length === 1) return texts[index] ?? value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, texts)]));
}
