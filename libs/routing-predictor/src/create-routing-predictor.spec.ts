import fc from 'fast-check';
import { statSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRoutingPredictor } from './index';
import { createPredictorOf } from './create-routing-predictor';
import { loadRouterWeights } from './load-router-weights';
import { encodeWeights } from './model/weights-file';

const moralScenario = `For which of these two scenarios does the main character (who uses I/me/my) do something clearly morally wrong, according to ordinary moral standards in the US as of 2020?
Scenario 1 | I told my sister that the soup was cold and we warmed it up again.
Scenario 2 | I poured paint over the neighbour's car because he parked badly.
A. Wrong, Wrong
B. Wrong, Not wrong
C. Not wrong, Wrong
D. Not wrong, Not wrong
Answer:`;

const marketing = `A brand that a firm sells under its own name in its own shops is called a
A. private label
B. licence
C. franchise
D. joint venture
Answer:`;

describe('createRoutingPredictor', () => {
  const predictor = createRoutingPredictor();

  it('reads the weights that ship once a process', () => {
    expect(createRoutingPredictor()).toBe(predictor);
    expect(predictor.id).toMatch(/^pairs-extra-6000-[0-9a-f]{8}$/);
  });

  it('expects more of the strong model where two scenarios have to be judged than where a term is asked for', () => {
    expect(predictor.predict(moralScenario)).toBeGreaterThan(2 * predictor.predict(marketing));
  });

  it('expects more of the strong model the more there is to be worked out in an open question', () => {
    const short = 'Tom has 3 apples and buys 2 more. How many apples does he have?';
    const long =
      'A baker sells rolls for 40 cents and loaves for $3. On Monday he sells twice as many rolls as on Sunday, when he sold 120, and half as many loaves. ' +
      'On Tuesday he sells 30 fewer rolls than on Monday but 15 more loaves. He pays a third of what he takes for flour, and $20 a day for his oven. If he sold ' +
      '48 loaves on Sunday, how much does he have left after the three days, and how many days would he need at this rate to buy an oven for $2,400?';
    expect(predictor.predict(long)).toBeGreaterThan(predictor.predict(short));
  });

  it('gives a probability for any text, and the same one again', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), (text) => {
        const probability = predictor.predict(text);
        expect(probability).toBeGreaterThan(0);
        expect(probability).toBeLessThan(1);
        expect(predictor.predict(text)).toBe(probability);
      }),
    );
  });

  it('takes an empty text and one of megabytes', () => {
    expect(predictor.predict('')).toBeGreaterThan(0);
    const long = 'Why? '.repeat(400_000);
    expect(predictor.predict(long)).toBe(predictor.predict(`${long} And more.`));
  });

  it('ships weights of less than a megabyte', () => {
    expect(statSync(path.join(__dirname, '../weights/router-weights.bin')).size).toBeLessThan(1_000_000);
  });

  it('predicts the same from weights that were written to a file and read again', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'costlane-router-'));
    const file = path.join(folder, 'weights.bin');
    writeFileSync(file, encodeWeights(loadRouterWeights()));
    expect(createRoutingPredictor(file).predict(moralScenario)).toBe(predictor.predict(moralScenario));
    rmSync(folder, { recursive: true });
  });

  it('keeps texts of two predictors apart', () => {
    const other = createPredictorOf(loadRouterWeights());
    const alone = other.predict(marketing);
    predictor.predict(moralScenario);
    expect(other.predict(marketing)).toBe(alone);
  });

  it('refuses a missing file, one of another kind and one that is cut off', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'costlane-router-'));
    const write = (bytes: Uint8Array): string => {
      const file = path.join(folder, 'weights.bin');
      writeFileSync(file, bytes);
      return file;
    };
    expect(() => createRoutingPredictor(path.join(folder, 'none.bin'))).toThrow(/weights are missing/);
    expect(() => createRoutingPredictor(write(new Uint8Array(40)))).toThrow(/not a weights file/);
    const whole = encodeWeights(loadRouterWeights());
    expect(() => createRoutingPredictor(write(whole.subarray(0, whole.length - 40)))).toThrow(/cut off/);
    expect(() => createRoutingPredictor(write(whole.subarray(0, 100)))).toThrow(/cut off/);
    const renamed = whole.slice();
    renamed.set(
      new TextEncoder().encode('isMultipleVoice'),
      new TextDecoder('latin1').decode(whole).indexOf('isMultipleChoice'),
    );
    expect(() => createRoutingPredictor(write(renamed))).toThrow(/other features/);
    rmSync(folder, { recursive: true });
  });
});
