import { ErrorShare } from './error-share';

describe('ErrorShare', () => {
  it('is the share of failures among the calls of the last minute', () => {
    const share = new ErrorShare();
    expect(share.share(0)).toBeUndefined();
    for (let i = 0; i < 4; i++) share.record(i === 0, 1_000_000 + i * 10_000);
    expect(share.share(1_030_000)).toBe(0.25);
  });

  it('forgets what is older', () => {
    const share = new ErrorShare();
    share.record(true, 1_000_000);
    share.record(false, 1_050_000);
    expect(share.share(1_059_999)).toBe(0.5);
    expect(share.share(1_060_000)).toBe(0);
    expect(share.share(1_110_000)).toBeUndefined();
    share.record(true, 9_000_000);
    expect(share.share(9_000_000)).toBe(1);
  });

  it('bears a clock that was set back', () => {
    const share = new ErrorShare();
    share.record(false, 1_000_000);
    share.record(true, 500_000);
    expect(share.share(1_000_000)).toBe(0.5);
  });
});
