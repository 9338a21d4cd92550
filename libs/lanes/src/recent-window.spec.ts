import { createRecentWindow } from './recent-window';

describe('a window of recent items', () => {
  const windowAt = (maxItems = 100) => {
    const clock = { ms: 0 };
    return { clock, window: createRecentWindow<string>(1_000, maxItems, () => clock.ms) };
  };

  it('keeps what came within the span, in order', () => {
    const { clock, window } = windowAt();
    window.add('a');
    clock.ms = 999;
    window.add('b');
    clock.ms = 1_500;
    window.add('c');
    expect(window.items()).toEqual(['a', 'b', 'c']);
  });

  it('forgets what is older than two spans', () => {
    const { clock, window } = windowAt();
    window.add('a');
    clock.ms = 1_000;
    window.add('b');
    clock.ms = 2_000;
    expect(window.items()).toEqual(['b']);
  });

  it('is empty after a long silence', () => {
    const { clock, window } = windowAt();
    window.add('a');
    clock.ms = 10_000;
    expect(window.items()).toEqual([]);
  });

  it('is bounded within a span', () => {
    const { window } = windowAt(2);
    for (const item of ['a', 'b', 'c']) window.add(item);
    expect(window.items()).toEqual(['a', 'b']);
  });
});
