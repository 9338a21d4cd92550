/** Questions as clusters: those of one cluster are wordings that one answer serves. */

/**
 * Texts of labelled pairs, joined wherever a pair says "the same", also over several steps. Whatever is not joined counts as another question:
 * wordings that nobody labelled are taken for false hits, so that the figures err towards more of these. `contradictions`: pairs that say
 * "different" of two texts which others join.
 */
export function clustersOf(pairs) {
  const parents = new Map();
  const rootOf = (text) => {
    let root = text;
    while (parents.get(root) !== root) root = parents.get(root);
    for (let at = text; at !== root;) {
      const next = parents.get(at);
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  const trimmed = pairs.map(({ a, b, same }) => ({ a: a.trim(), b: b.trim(), same }));
  for (const { a, b, same } of trimmed) {
    for (const text of [a, b]) if (!parents.has(text)) parents.set(text, text);
    if (same) parents.set(rootOf(b), rootOf(a));
  }
  const byRoot = new Map();
  for (const text of parents.keys()) {
    const root = rootOf(text);
    byRoot.set(root, [...(byRoot.get(root) ?? []), text]);
  }
  return {
    clusters: [...byRoot.values()],
    contradictions: trimmed.filter(({ a, b, same }) => !same && rootOf(a) === rootOf(b)).length,
  };
}
