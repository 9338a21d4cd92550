import { waitFor } from './wait-for';

describe('waitFor', () => {
  it('returns the value of the condition as soon as it is truthy', async () => {
    let calls = 0;
    expect(await waitFor(() => (++calls < 3 ? undefined : `call ${calls}`), { intervalMs: 1 })).toBe('call 3');
  });

  it('waits through errors of the condition', async () => {
    let calls = 0;
    const condition = async () => {
      calls += 1;
      if (calls < 3) throw new Error('not yet');
      return true;
    };
    expect(await waitFor(condition, { intervalMs: 1 })).toBe(true);
  });

  it('gives up at the deadline and says what it saw last', async () => {
    const options = { timeoutMs: 20, intervalMs: 5 };
    await expect(waitFor(() => 0, options)).rejects.toThrow('did not hold within 20 ms (last value: 0)');
    const failing = () => Promise.reject(new Error('refused'));
    await expect(waitFor(failing, options)).rejects.toThrow('last error: refused');
  });
});
