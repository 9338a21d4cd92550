import { pointIdOf } from './point-id';

describe('ids of points', () => {
  it('are UUIDs that depend on tenant and id, and on where one ends and the other begins', () => {
    const ids = [
      pointIdOf('a', 'b'),
      pointIdOf('ab', ''),
      pointIdOf('', 'ab'),
      pointIdOf('a', 'c'),
      pointIdOf('b', 'a'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(pointIdOf('a', 'b')).toBe(ids[0]);
  });
});
